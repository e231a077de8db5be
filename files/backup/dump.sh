# Dumps a site's database for backups. The site controls its content, so the dump and client programs run with the site's own rights.

# The properties of a unit that needs only the socket of the database server
confine_client='PrivateNetwork=yes ProtectSystem=strict ProtectHome=yes PrivateTmp=yes PrivateDevices=yes NoNewPrivileges=yes CapabilityBoundingSet= RestrictSUIDSGID=yes ProtectProc=invisible InaccessiblePaths=-/srv/www InaccessiblePaths=-/var/lib/foobar-provision RuntimeMaxSec=21600 Nice=10'

# with_client COMMAND [PROPERTY]...: runs a shell command that calls a database program, as the site's user and with its database account
with_client() {
  command=$1
  shift
  printf '%s\n' "$(client_file "$ACCOUNT" "$(cat "$SECRETS/$DOMAIN.database")")" >"$WORK/client.cnf" || return
  # shellcheck disable=SC2086 # the properties are words
  run_confined "$USER_NAME" "$command" "LoadCredential=client.cnf:$WORK/client.cnf" $confine_client "$@"
}

# dump_words: prints the dump program's command. Dumps of the same data must be identical, so that the repository stores them only once.
dump_words() {
  dump_program
  printf ' --default-character-set=utf8mb4 --skip-dump-date'
}

# dump_database FOLDER: writes a consistent dump of the tables to `data.sql`, and the views, routines, triggers and events to `code.sql`. They are
# separate because a restore moves tables between databases, which is not possible while tables have triggers, and never possible for views.
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
    { printf '%s\n' 'A view cannot be backed up, because its name has characters other than letters, digits, $, _ and -.' >&2; return 1; }
  with_client "exec $(dump_words) --single-transaction --quick --skip-triggers $ignored $DATABASE" >"$1/data.sql" || return
  {
    with_client "exec $(dump_words) --no-data --no-create-info --routines --events --triggers --add-drop-trigger --skip-lock-tables $ignored $DATABASE" || return
    [ -z "$named" ] || with_client "exec $(dump_words) --no-data --skip-triggers --skip-lock-tables $DATABASE $named" || return
  } >"$1/code.sql"
  # An incomplete dump does not end with this comment.
  for each in data code; do
    tail -n 3 "$1/$each.sql" | grep -q -e '^-- Dump completed' || { printf '%s\n' 'The dump of the database is not complete.' >&2; return 1; }
  done
}

# require_room_for_dump FOLDER: fails if the dump might fill the disk, which the site may use too
require_room_for_dump() {
  needs=$(printf "SELECT CEIL(COALESCE(SUM(data_length), 0) * 1.3 / 1024) + 65536 FROM information_schema.tables WHERE table_schema = '%s';" "$DATABASE" | sql) || return
  free=$(df -Pk "$1" | awk 'END { print $4 }')
  [ "${needs%%.*}" -le "$free" ] && return
  printf '%s\n' "The dump of the database may need $((${needs%%.*} / 1024)) MiB in $1, and $((free / 1024)) MiB are free. Free some space there, and run again." >&2
  return 1
}

# load_code DATABASE FILE [PROPERTY]...: applies the views, routines, triggers and events of a dump. The site's account becomes their definer, because
# it may name no other.
load_code() {
  adapted_dump "$2" >"$WORK/adapted.sql" 2>"$WORK/adapted" || { cat "$WORK/adapted" >&2; return 1; }
  loaded=$1
  shift 2
  load_dump "$loaded" "$@" <"$WORK/adapted.sql"
}

# load_dump DATABASE [PROPERTY]...: applies a dump from standard input
load_dump() {
  target=$1
  shift
  with_client "exec $(client_words) --default-character-set=utf8mb4 $target" "$@"
}
