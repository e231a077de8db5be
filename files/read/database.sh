# Queries to the database server, for readers.

# Do not wait for a site's locks forever.
limit='timeout 60'
server_config=$(server_options)

# sql_as USER SECRET WORD...: runs statements from standard input as the application's user. The stored password is passed in a private file, and
# root's own settings have no effect.
sql_as() {
  private_folder
  password=$(cat "$SECRETS/$2" 2>/dev/null)
  { client_file "$1" "$password"; echo loose-get-server-public-key; } >"$private/client.cnf"
  shift 2
  client --defaults-file="$private/client.cnf" --batch --skip-column-names "$@"
}

# can_log_in USER SECRET HOST: prints a line if the user can log in with our stored password. If the server does not listen on that address, the
# password counts as right.
can_log_in() {
  private_folder
  user=$1 secret=$2 host=$3
  if [ "$host" = localhost ]; then set --; else set -- --protocol=TCP --host="$host"; fi
  if printf 'SELECT 1;' | sql_as "$user" "$secret" "$@" >/dev/null 2>"$private/said" || grep -q '^ERROR 200[0-9]' "$private/said"; then
    printf 'login\t%s\t%s\n' "$user" "$host"
  fi
}

# read_migrations DATABASE USER SECRET: prints `tables` if the database has tables, and the names of the recorded migrations, or `down` if the server does not answer. A view of this name
# would run the site's code with the reader's rights. So the site's own user reads it, or, if that cannot log in, HANDLER, which opens only tables.
read_migrations() {
  private_folder
  printf '%s\n' "SELECT 'tables', '' FROM DUAL WHERE EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE());" \
    'SELECT LEFT(name, 190) FROM foobar_migrations WHERE EXISTS (SELECT 1 FROM information_schema.tables' \
    "WHERE table_schema = DATABASE() AND table_name = 'foobar_migrations' AND table_type = 'BASE TABLE') ORDER BY name LIMIT 10000;" |
    limit='timeout 15' sql_as "$2" "$3" "$1" 2>"$private/said" && return
  [ $? != 124 ] || { printf 'down\t\n'; return; }
  # The database is on another host. Either that has no answer now, or it has no such table; a former server here has nothing to say.
  if [ -e /etc/foobar-provision/database-link.cfg ]; then
    grep -q '^ERROR 1146 ' "$private/said" || printf 'down\t\n'
    return
  fi
  printf 'HANDLER `%s`.foobar_migrations OPEN AS recorded; HANDLER recorded READ FIRST LIMIT 10000;' "$1" | { limit='timeout 15' sql 2>/dev/null; echo $? >"$private/code"; } | head -c 10000000 >"$private/recorded"
  case $(cat "$private/code") in
    0) cut -f 1 "$private/recorded" ;;
    124) printf 'down\t\n' ;;
    *) [ ! -d "$(data_folder)/$1" ] || printf 'SELECT 1;' | sql >/dev/null 2>&1 || printf 'down\t\n' ;;
  esac
}

# read_time_zones STATE: prints the number of zones that the server knows, the packages that they were loaded from, and those that they would be
# loaded from now
read_time_zones() {
  [ -e /usr/sbin/mariadbd ] || [ -e /usr/sbin/mysqld ] || return 0
  printf 'zones\t%s\t%s\t%s\n' "$(printf 'SELECT COUNT(*) FROM mysql.time_zone_name;' | sql 2>/dev/null)" "$(cat "$1/time-zones" 2>/dev/null)" "$(zoneinfo_version)"
}
