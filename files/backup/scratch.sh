# The scratch server: a separate database server for a drill. It has the site's database and account under their real names and password, and cannot
# reach the real server.

# scratch_server: starts the scratch server with an empty database for the site. Its files are in $DRILL.
scratch_server() {
  server_socket=$(server_option socket)
  [ -n "$server_socket" ] || server_socket=$(real_socket) || return
  data=$(data_folder)
  mkdir "$DRILL/data" "$DRILL/socket" && chown mysql:mysql "$DRILL/data" "$DRILL/socket" && chmod 0755 "$DRILL/socket" || return
  # Copy the options of the real server that may change the meaning of a dump.
  options=$(printf "SELECT CONCAT('--sql-mode=', @@GLOBAL.sql_mode, ' --lower-case-table-names=', @@GLOBAL.lower_case_table_names, ' --max-allowed-packet=', @@GLOBAL.max_allowed_packet, ' --character-set-server=', @@GLOBAL.character_set_server, ' --collation-server=', @@GLOBAL.collation_server, ' --event-scheduler=OFF');" | sql) || return
  options="--no-defaults --datadir=$data --socket=$server_socket --pid-file=${server_socket%/*}/drill.pid --skip-networking --innodb-buffer-pool-size=64M --innodb-flush-log-at-trx-commit=0 --tmpdir=/tmp $options"
  if [ -e /usr/sbin/mariadbd ]; then
    start="mariadb-install-db --no-defaults --datadir=$data --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve >/dev/null && exec /usr/sbin/mariadbd $options"
  else
    lower=$(printf '%s' "$options" | grep -o -e '--lower-case-table-names=[0-9]')
    start="/usr/sbin/mysqld --no-defaults --datadir=$data --initialize-insecure $lower && exec /usr/sbin/mysqld $options --mysqlx=OFF --skip-log-bin"
  fi
  systemd-run --quiet --collect --unit="foobar-provision-drill-$DOMAIN-database" --property=User=mysql --property=Group=mysql \
    --property=BindPaths="$DRILL/data:$data" --property=BindPaths="$DRILL/socket:${server_socket%/*}" \
    --property=PrivateNetwork=yes --property=PrivateTmp=yes --property=ProtectSystem=strict --property=ReadWritePaths="$data ${server_socket%/*}" \
    --property=ProtectHome=yes --property=PrivateDevices=yes --property=NoNewPrivileges=yes --property=CapabilityBoundingSet= \
    --property=RuntimeMaxSec=21600 --property=OOMScoreAdjust=800 --property=Nice=10 -- /bin/sh -c "$start" || return
  tries=0
  until printf 'SELECT 1;' | scratch_sql >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ] || ! systemctl --quiet is-active "foobar-provision-drill-$DOMAIN-database.service"; then
      journalctl --quiet --no-pager -o cat -n 8 -u "foobar-provision-drill-$DOMAIN-database.service" >&2
      printf '%s\n' 'The database server of the drill did not start.' >&2
      return 1
    fi
    sleep 0.1
  done
  scratch_sql <<SQL
CREATE DATABASE \`$DATABASE\` CHARACTER SET utf8mb4;
CREATE USER '$ACCOUNT'@'localhost' IDENTIFIED BY '$(cat "$SECRETS/$DOMAIN.database")';
GRANT ALL ON \`$DATABASE\`.* TO '$ACCOUNT'@'localhost';
SQL
}

# real_socket: prints the path of the socket of the running server
real_socket() {
  printf 'SELECT @@GLOBAL.socket;' | sql
}

# scratch_sql: runs trusted statements from standard input as the scratch server's root
scratch_sql() {
  client --no-defaults --user=root --protocol=SOCKET --socket="$DRILL/socket/${server_socket##*/}" --batch --skip-column-names
}

# scratch_view: prints the unit property that mounts the scratch server's socket over the real one
scratch_view() {
  printf 'BindPaths=%s:%s' "$DRILL/socket" "${server_socket%/*}"
}
