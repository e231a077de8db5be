# Schema migrations, run with the application's own rights on its database.

# migrate DATABASE USER SECRET NAME FILE OWNER PROPERTY...
migrate() {
  take_migration "$@"
  shift 6
  apply_migration "$@"
}

# migrate_unless_recorded ...: does the same if the plan could not read which migrations are recorded
migrate_unless_recorded() {
  take_migration "$@"
  shift 6
  read_record "$@" || return
  if grep -qx recorded "$RUN/recorded"; then printf '%s\n' "$name is recorded."; else apply_migration "$@"; fi
}

take_migration() {
  database=$1 account=$2 secret=$3 name=$4 file=$5 owner=$6
}

# read_record PROPERTY...: writes `recorded` to a file if the migration is recorded. Without the table, none is.
read_record() {
  printf "SET lock_wait_timeout = 60; SELECT 'recorded' FROM foobar_migrations WHERE name = '%s' LIMIT 1;" "$name" |
    as_application RuntimeMaxSec=300 "$@" >"$RUN/recorded" 2>"$RUN/migration.errors" && return
  grep -q '^ERROR 1146 ' "$RUN/migration.errors" || { cat "$RUN/migration.errors"; explain_lock; return 1; }
}

# apply_migration PROPERTY...: applies the file and records it, in one transaction if the database allows that
apply_migration() {
  {
    printf '%s\n' 'SET lock_wait_timeout = 60; CREATE TABLE IF NOT EXISTS foobar_migrations (name VARCHAR(190) PRIMARY KEY, applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);' 'START TRANSACTION;'
    statements_of "$file" || return
    printf "\n;INSERT INTO foobar_migrations (name) VALUES ('%s');\nCOMMIT;\n" "$name"
  } >"$RUN/migration"
  as_application RuntimeMaxSec=1800 "$@" <"$RUN/migration" 2>"$RUN/migration.errors" && return
  [ -s "$RUN/migration.errors" ] || printf '%s\n' "$name did not end within 30 minutes."
  cat "$RUN/migration.errors"
  # The client's line numbers include the two lines before the file.
  at=$(sed -n 's/^ERROR\( [^:]*\)\{0,1\} at line \([0-9]*\).*/\2/p' "$RUN/migration.errors" | head -n 1)
  [ "${at:-0}" -le 2 ] || printf '%s, line %s: %s\n' "$name" "$((at - 2))" "$(sed -n "${at}p" "$RUN/migration")"
  explain_rights
  explain_lock
  return 1
}

# statements_of FILE: prints its statements; a dump is adapted to this server and the site's rights
statements_of() {
  if ! is_dump "$1"; then cat "$1"; return; fi
  # A database on another host accepts only the application's login.
  printf 'SELECT 1;' | sql >/dev/null 2>&1 || dump_asks=ask_as_application
  adapted_dump "$1" 2>"$RUN/adapted" || { cat "$RUN/adapted" >&2; return 1; }
  while read -r note; do say progress "$name: $note"; done <"$RUN/adapted"
}

# as_application PROPERTY...: runs statements from standard input with the application's own credentials. The client also has commands that act
# outside the database (`system`, `source`, `tee`), so it runs as the site's user with the site's hardening.
as_application() {
  ( umask 077 && client_file "$account" "{{secret:$secret}}" >"$RUN/secrets/client.cnf" )
  fill_secret "$RUN/secrets/client.cnf" "$secret"
  run_confined "$owner" "exec $(client_words) --batch --skip-column-names $database" "LoadCredential=client.cnf:$RUN/secrets/client.cnf" "$@"
  client_code=$?
  rm -f "$RUN/secrets/client.cnf"
  return "$client_code"
}

# ask_as_application: runs our own statements from standard input, for which the application's hardening is not needed
ask_as_application() {
  as_application RuntimeMaxSec=60 NoNewPrivileges=yes PrivateNetwork=yes
}

# explain_rights: prints advice for statements that a site's account may not use
explain_rights() {
  case $(sed -n 's/^ERROR \([0-9]*\) .*/\1/p' "$RUN/migration.errors" | head -n 1) in
    1227) printf '%s\n' "The site's account has every right on $database and none elsewhere. Remove the DEFINER of another account (and SET GLOBAL) from that line of $name, and deploy again." ;;
    1044 | 1049) printf '%s\n' "The site's only database is $database. Remove USE and CREATE DATABASE of another one from $name, and deploy again." ;;
    1273) printf '%s\n' "This server does not know that collation. Replace it in $name with one that it knows, such as utf8mb4_unicode_ci, and deploy again." ;;
    1231) printf '%s\n' "This server does not know that sql_mode. Remove it from $name, and deploy again." ;;
  esac
}

explain_lock() {
  ! grep -q '^ERROR 1205 ' "$RUN/migration.errors" ||
    printf '%s\n' "Another connection has held a lock that $name needs for a minute. Find it with SHOW PROCESSLIST in $database, end it, and run again."
}
