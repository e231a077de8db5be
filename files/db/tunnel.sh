# Creates accounts for desktop clients. Each exists only while its tunnel is open.

# open_tunnel DATABASE TOKEN: creates an account for the database, prints `account NAME PORT PASSWORD`, and removes the account when standard input
# ends, which also happens when the connection is lost. If this host loses power before that, the password expires after a day, and the next tunnel
# removes the account.
open_tunnel() {
  remove_old_tunnels
  tunnel=foobar_tunnel_$2
  umask 077
  mkdir -p /run/foobar-provision-locks && exec 8>"/run/foobar-provision-locks/$tunnel" && flock -n 8 || return
  tunnel_password=$(LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 32)
  tunnel_port=$(server_option port)
  # A signal to the process group ends only `cat`, so that this shell can still remove the account.
  trap : HUP INT TERM
  for from in localhost 127.0.0.1; do
    printf "CREATE USER '%s'@'%s' IDENTIFIED BY '%s' PASSWORD EXPIRE INTERVAL 1 DAY; GRANT ALL ON \`%s\`.* TO '%s'@'%s';" \
      "$tunnel" "$from" "$tunnel_password" "$(printf %s "$1" | sed 's/_/\\_/g')" "$tunnel" "$from"
  done | sql || { remove_tunnel "$tunnel"; return 1; }
  printf 'account\t%s\t%s\t%s\n' "$tunnel" "${tunnel_port:-3306}" "$tunnel_password"
  cat >/dev/null
  remove_tunnel "$tunnel"
}

remove_tunnel() {
  printf "DROP USER IF EXISTS '%s'@localhost; DROP USER IF EXISTS '%s'@'127.0.0.1';" "$1" "$1" | sql && rm -f "/run/foobar-provision-locks/$1"
}

# remove_old_tunnels: removes the accounts of tunnels that have ended. An open tunnel holds the lock of its account.
remove_old_tunnels() {
  echo "SELECT DISTINCT user FROM mysql.user WHERE user REGEXP '^foobar_tunnel_[0-9a-f]{8}\$';" | sql | while read -r left; do
    ( umask 077 && mkdir -p /run/foobar-provision-locks && exec 8>>"/run/foobar-provision-locks/$left" && flock -n 8 ) && remove_tunnel "$left"
  done
}
