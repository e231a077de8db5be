# Dumps of a site's database. The site controls what is in it, so everything here runs with the site's own rights.

# confine_client: sets the properties of a unit that needs nothing but the database's socket
confine_client='PrivateNetwork=yes ProtectSystem=strict ProtectHome=yes PrivateTmp=yes PrivateDevices=yes NoNewPrivileges=yes CapabilityBoundingSet= RestrictSUIDSGID=yes ProtectProc=invisible InaccessiblePaths=-/srv/www InaccessiblePaths=-/var/lib/foobar-provision RuntimeMaxSec=21600 Nice=10'

# with_client COMMAND [PROPERTY]...: runs a command of the database's client as the site, with the site's own account
with_client() {
  command=$1
  shift
  printf '%s\n' "$(client_file "$ACCOUNT" "$(cat "$SECRETS/$DOMAIN.database")")" >"$WORK/client.cnf" || return
  # shellcheck disable=SC2086 # the properties are words
  run_confined "$USER_NAME" "$command" "LoadCredential=client.cnf:$WORK/client.cnf" $confine_client "$@"
}

# dump_words: prints the command that dumps, with the options that both servers need
dump_words() {
  # shellcheck disable=SC2016 # the unit's shell expands it
  if command -v mariadb-dump >/dev/null; then
    printf 'env HOME=/nonexistent mariadb-dump --defaults-file="$CREDENTIALS_DIRECTORY/client.cnf" --skip-ssl'
  else
    printf 'env HOME=/nonexistent mysqldump --defaults-file="$CREDENTIALS_DIRECTORY/client.cnf" --ssl-mode=DISABLED --set-gtid-purged=OFF --column-statistics=0 --no-tablespaces'
  fi
  # A dump of the same data is the same text, so that the repository stores it once.
  printf ' --default-character-set=utf8mb4 --skip-dump-date --hex-blob'
}

# dump_database FOLDER: writes the tables, all as they were at one moment, to `data.sql`, and views, routines, triggers and events to `code.sql`. A
# restore moves tables from one database to another, which is possible only without these.
dump_database() {
  require_room_for_dump "$1" || return
  views=$(with_client "exec $(client_words) --batch --skip-column-names $DATABASE" <<QUERY
SELECT table_name FROM information_schema.views WHERE table_schema = DATABASE() ORDER BY table_name;
QUERY
  ) || return
  ignored='' named=''
  for view in $(printf '%s\n' "$views" | grep -E '^[A-Za-z0-9_$-]+$'); do
    ignored="$ignored --ignore-table=$DATABASE.$view" named="$named $view"
  done
  [ "$(printf '%s' "$views" | grep -c .)" = "$(printf '%s' "$named" | wc -w)" ] ||
    { printf '%s\n' 'A view has a name with other characters than letters, digits, $, _ and -, so it cannot be backed up.' >&2; return 1; }
  with_client "exec $(dump_words) --single-transaction --quick --skip-triggers $ignored $DATABASE" >"$1/data.sql" || return
  {
    with_client "exec $(dump_words) --no-data --no-create-info --routines --events --triggers --add-drop-trigger --skip-lock-tables $ignored $DATABASE" || return
    [ -z "$named" ] || with_client "exec $(dump_words) --no-data --skip-triggers --skip-lock-tables $DATABASE $named" || return
  } >"$1/code.sql"
  # A dump that was cut off has no last line.
  for each in data code; do
    tail -n 3 "$1/$each.sql" | grep -q -e '^-- Dump completed' || { printf '%s\n' 'The dump of the database is not complete.' >&2; return 1; }
  done
}

# require_room_for_dump FOLDER: fails before the disk is full, because the site may use the same one
require_room_for_dump() {
  needs=$(printf "SELECT CEIL(COALESCE(SUM(data_length), 0) * 1.3 / 1024) + 65536 FROM information_schema.tables WHERE table_schema = '%s';" "$DATABASE" | sql) || return
  free=$(df -Pk "$1" | awk 'END { print $4 }')
  [ "${needs%%.*}" -le "$free" ] && return
  printf '%s\n' "The dump of the database may need $((${needs%%.*} / 1024)) MiB in $1, and $((free / 1024)) MiB are free. Make room there, and run again." >&2
  return 1
}

# load_dump DATABASE [PROPERTY]...: applies a dump from standard input
load_dump() {
  target=$1
  shift
  with_client "exec $(client_words) --default-character-set=utf8mb4 $target" "$@"
}
