# Dumps of a site's database, made with the site's own rights.

# dump_words: prints the dump program's command, for `as_login`. It locks no tables, so tables without transactions may be inconsistent.
dump_words() {
  dump_program
  printf ' --single-transaction --quick --skip-lock-tables --max-allowed-packet=1G'
}

# print_dump USER SECRET DATABASE OWNER OPTION...: prints a consistent dump of the database, without definers
print_dump() {
  codes=$(mktemp -d /run/foobar-provision-dump.XXXXXX) || return
  dump_user=$1 dump_secret=$2 dump_name=$3 dump_owner=$4
  shift 4
  {
    as_login "$dump_user" "$(cat "$SECRETS/$dump_secret")" "$dump_owner" "exec $(dump_words) --routines --events --triggers $* $dump_name"
    echo $? >"$codes/dump"
  } | {
    export DUMP_MUST_END=1
    adapted_dump /dev/stdin 2>"$codes/notes"
    echo $? >"$codes/adapted"
  }
  read -r dumped <"$codes/dump"
  read -r adapted <"$codes/adapted"
  [ "$adapted" = 0 ] || cat "$codes/notes" >&2
  rm -rf "$codes"
  [ "$dumped" = 0 ] || return "$dumped"
  return "$adapted"
}

# compressed LEVEL COMMAND...: prints the output of a command, compressed with gzip. Fails if the command or gzip fails.
compressed() {
  level=$1
  shift
  ended_in=$(mktemp /run/foobar-provision-dump.XXXXXX) || return
  { "$@"; echo $? >"$ended_in"; } | gzip "-$level"
  zipped=$?
  read -r printed <"$ended_in"
  rm -f "$ended_in"
  [ "$printed" = 0 ] || return "$printed"
  return "$zipped"
}

# list_columns DATABASE: prints the table and the name of each column, in hexadecimal
list_columns() {
  printf "SELECT HEX(table_name), HEX(column_name) FROM information_schema.columns WHERE table_schema = '%s';" "$1" | sql
}

# describe_database DATABASE: prints the server's version, the number of tables and views, their size in bytes, the free KiB of the data folder, the
# names in hexadecimal of the tables that are not transactional, and the installed decompression programs
describe_database() {
  {
    echo "SELECT 'version', VERSION();"
    echo "SELECT 'tables', COUNT(*), COALESCE(SUM(data_length + index_length), 0), COALESCE(SUM(data_length), 0) FROM information_schema.tables WHERE table_schema = '$1';"
    echo "SELECT 'engine', HEX(t.table_name), t.engine FROM information_schema.tables t JOIN information_schema.engines e ON e.engine = t.engine WHERE t.table_schema = '$1' AND COALESCE(e.transactions, 'NO') <> 'YES';"
  } | sql || return
  printf 'free\t%s\n' "$(df -Pk -- "$(data_folder)" | awk 'NR == 2 { print $4 }')"
  for program in gzip zstd bzip2 xz; do ! command -v "$program" >/dev/null || printf 'program\t%s\n' "$program"; done
}
