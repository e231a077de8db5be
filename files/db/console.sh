# Opens an interactive client of a site's database.

# open_console UNIT OPTION USER SECRET DATABASE OWNER: runs the client as the site's user with the site's account. It is confined, because the client
# can also run programs (`\!`) and write files.
open_console() {
  private=$(mktemp -d /run/foobar-provision-login.XXXXXX) || return
  trap 'rm -rf "$private"' EXIT
  ( umask 077 && client_file "$3" "$(cat "$SECRETS/$4")" >"$private/client.cnf" ) || return
  run_in_site "$1" "$2" --description="The database $5" --property=User="$6" --property=Group="$6" --property=LoadCredential="client.cnf:$private/client.cnf" \
    --property=NoNewPrivileges=yes --property=ProtectSystem=strict --property=ProtectHome=yes --property=PrivateTmp=yes --property=PrivateDevices=yes \
    --property=PrivateNetwork=yes --property=SendSIGHUP=yes -- /bin/sh -c "exec $(client_words) $5"
}
