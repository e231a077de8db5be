# Logins to the database with a site's rights.

# as_login USER PASSWORD OWNER COMMAND: runs a command line of the database's client or dump program as the system user OWNER, with this login to the
# database. It is confined, because a client also obeys commands among its statements, such as \!
as_login() {
  private=$(mktemp -d /run/foobar-provision-login.XXXXXX) || return
  ( umask 077 && client_file "$1" "$2" >"$private/client.cnf" )
  run_confined "$3" "$4" "LoadCredential=client.cnf:$private/client.cnf" RuntimeMaxSec=infinity \
    NoNewPrivileges=yes ProtectSystem=strict ProtectHome=yes PrivateTmp=yes PrivateDevices=yes PrivateNetwork=yes
  ended=$?
  rm -rf "$private"
  return "$ended"
}

# as_account USER SECRET DATABASE OWNER: runs the statements on standard input with the site's own account
as_account() {
  as_login "$1" "$(cat "$SECRETS/$2")" "$4" "exec $(client_words) --batch --skip-column-names $3"
}
