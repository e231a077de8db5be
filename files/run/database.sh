# What readers and runs know of the database server. POSIX sh; changes nothing.

# server_options: what the server's own configuration files say, a line `name value` each; of a name the last one counts
server_options() {
  if [ -e /usr/sbin/mariadbd ]; then my_print_defaults --mysqld; else my_print_defaults mysqld server; fi 2>/dev/null |
    awk '{ at = index($0, "="); name = substr($0, 1, at - 1); sub(/^--(loose[-_])?/, "", name); gsub("_", "-", name) } at { print name, substr($0, at + 1) }'
}

server_option() {
  server_options | sed -n "s/^$1 //p" | tail -n 1
}

# data_folder: where the server keeps its data: as it is configured, or as its package has it. Debian's MariaDB has a folder of its own since 1:11.8.6-5.
data_folder() {
  data=$(server_option datadir)
  if [ -z "$data" ]; then
    data=/var/lib/mysql
    [ ! -e /usr/sbin/mariadbd ] || [ ! -d /var/lib/mariadb ] || data=/var/lib/mariadb
  fi
  printf '%s\n' "${data%/}"
}

# The client reads no file of root's own (~/.my.cnf, ~/.mylogin.cnf). Through the server's socket TLS protects nothing, and the certificate that
# MariaDB makes at its start is of the future where the clock was set back since.
limit=
client() {
  if command -v mariadb >/dev/null; then HOME=/nonexistent $limit mariadb "$@" --skip-ssl; else HOME=/nonexistent $limit mysql "$@" --ssl-mode=DISABLED; fi
}

# sql: statements on standard input, by the database's root at the server's socket. What a site has locked there is not waited for without end.
sql() {
  server_socket=$(server_option socket)
  client --user=root --host=localhost --protocol=SOCKET --init-command='SET SESSION lock_wait_timeout = 60' ${server_socket:+"--socket=$server_socket"} --batch --skip-column-names
}

# client_file USER PASSWORD: the options of a client that logs in as an application does
# shellcheck disable=SC2317 # not every script calls it
client_file() {
  printf '[client]\nuser=%s\npassword=%s\n' "$1" "$2"
  # The client would take what it is fed for Latin-1 where nothing tells it better.
  printf 'default-character-set=utf8mb4\n'
  server_socket=$(server_option socket)
  [ -z "$server_socket" ] || printf 'socket=%s\n' "$server_socket"
}
