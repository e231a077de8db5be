# The database server, for readers and runs. POSIX sh.

# server_options: prints the options in the server's configuration files, a line `name value` each; the last value of a name applies
server_options() {
  if [ -e /usr/sbin/mariadbd ]; then my_print_defaults --mysqld; else my_print_defaults mysqld server; fi 2>/dev/null |
    awk '{ at = index($0, "="); name = substr($0, 1, at - 1); sub(/^--(loose[-_])?/, "", name); gsub("_", "-", name) } at { print name, substr($0, at + 1) }'
}

# server_option NAME: prints the value of an option. A reader keeps the output of `server_options` in $server_config, because it asks for several.
server_option() {
  found=
  while read -r option value; do [ "$option" != "$1" ] || found=$value; done <<OPTIONS
${server_config-$(server_options)}
OPTIONS
  printf '%s\n' "$found"
}

# data_folder: prints the server's data folder, from its configuration or else the default of its package, which changed in Debian's MariaDB 1:11.8.6-5
data_folder() {
  data=$(server_option datadir)
  if [ -z "$data" ]; then
    data=/var/lib/mysql
    [ ! -e /usr/sbin/mariadbd ] || [ ! -d /var/lib/mariadb ] || data=/var/lib/mariadb
  fi
  printf '%s\n' "${data%/}"
}

# client ARGUMENT...: runs the client without root's own files (~/.my.cnf, ~/.mylogin.cnf) and without TLS, which protects nothing on a socket.
# MariaDB's self-made certificate is also invalid if the clock was set back since its start.
limit=
client() {
  if command -v mariadb >/dev/null; then HOME=/nonexistent $limit mariadb "$@" --skip-ssl; else HOME=/nonexistent $limit mysql "$@" --ssl-mode=DISABLED; fi
}

# sql: runs statements from standard input as the database's root over the server's socket. Waits for a site's locks only for a minute.
sql() {
  server_socket=$(server_option socket)
  client --user=root --host=localhost --protocol=SOCKET --init-command='SET SESSION lock_wait_timeout = 60' ${server_socket:+"--socket=$server_socket"} --batch --skip-column-names
}

# client_file USER PASSWORD: prints an option file with which the client logs in as an application
# shellcheck disable=SC2317 # not every script calls it
client_file() {
  printf '[client]\nuser=%s\npassword=%s\n' "$1" "$2"
  # Without this, the client may assume that its input is Latin-1.
  printf 'default-character-set=utf8mb4\n'
  server_socket=$(server_option socket)
  [ -z "$server_socket" ] || printf 'socket=%s\n' "$server_socket"
}

# zoneinfo_version: prints the packages that /usr/share/zoneinfo comes from
# shellcheck disable=SC2317 # not every script calls it
zoneinfo_version() {
  # shellcheck disable=SC2016 # they are the fields' names
  dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' tzdata tzdata-legacy 2>/dev/null | sed -n 's/^installed //p' | tr '\n' ' ' | sed 's/ $//'
}
