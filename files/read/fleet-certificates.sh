# The certificates by which the servers of a configuration know each other.

# is_authority_usable: succeeds if this host has a CA that is valid for another year, with its key
is_authority_usable() {
  authority=$SECRETS/fleet.authority
  [ "$(stat -c %a "$authority" "$authority-key" 2>/dev/null | sort -u)" = 600 ] || return
  openssl x509 -checkend 31536000 -noout -in "$authority" >/dev/null 2>&1 || return
  [ "$(openssl x509 -in "$authority" -noout -pubkey 2>/dev/null)" = "$(openssl pkey -in "$authority-key" -pubout 2>/dev/null)" ]
}

# read_fleet_certificates NAME PURPOSE...: prints the names of those that are valid for another year, are private, and come from the CA on this host.
# For the purpose `none`, it is enough that the file exists.
read_fleet_certificates() {
  is_authority_usable && usable=yes || usable=
  while [ "$#" -gt 1 ]; do
    file=$SECRETS/$1
    case $2 in
      none) [ ! -e "$file" ] || printf '%s\n' "$1" ;;
      authority) [ -z "$usable" ] || printf '%s\n' "$1" ;;
      *)
        if [ -n "$usable" ] && [ "$(stat -c %a "$file" 2>/dev/null)" = 600 ] && openssl verify -CAfile "$authority" -purpose "ssl$2" "$file" >/dev/null 2>&1 &&
          openssl x509 -checkend 31536000 -noout -in "$file" >/dev/null 2>&1 && openssl pkey -in "$file" -noout 2>/dev/null; then printf '%s\n' "$1"; fi
        ;;
    esac
    shift 2
  done
}
