# Certificates by which the servers of a configuration know each other. The CA and its key stay on the host that creates them.

# sign_fleet_certificate NAME PURPOSE: stores a certificate and its key. For the purpose `authority`, it is a new CA, whose key is stored apart.
sign_fleet_certificate() (
  umask 077
  made=$RUN/secrets/fleet
  rm -rf "$made" && mkdir -p "$made" || exit
  {
    printf '[req]\nprompt = no\ndistinguished_name = name\nx509_extensions = authority\n[name]\nCN = %s\n' "$1"
    printf '[authority]\nbasicConstraints = critical, CA:TRUE, pathlen:0\nkeyUsage = critical, keyCertSign\nsubjectKeyIdentifier = hash\n'
    printf '[server]\nextendedKeyUsage = serverAuth\nsubjectAltName = DNS:%s\n[client]\nextendedKeyUsage = clientAuth\n' "$1"
  } >"$made/conf"
  set -- "$1" "$2" -config "$made/conf" -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$made/key"
  name=$1 purpose=$2
  shift 2
  if [ "$purpose" = authority ]; then
    openssl req -x509 -days 3650 -out "$made/cert" "$@" &&
      back_up_secret "$name-key" && write_secret "$name-key" <"$made/key" &&
      back_up_secret "$name" && write_secret "$name" <"$made/cert"
  else
    openssl req -new -out "$made/request" "$@" &&
      openssl x509 -req -in "$made/request" -days 3650 -extfile "$made/conf" -extensions "$purpose" \
        -CA "$SECRETS/fleet.authority" -CAkey "$SECRETS/fleet.authority-key" -set_serial "0x$(openssl rand -hex 16)" -out "$made/cert" &&
      back_up_secret "$name" && cat "$made/cert" "$made/key" | write_secret "$name"
  fi
  rc=$?
  rm -rf "$made"
  exit "$rc"
)

restore_fleet_certificate() {
  restore_secret "$1"
  [ "$2" != authority ] || restore_secret "$1-key"
}

remove_fleet_certificate() {
  remove_secret "$1"
  [ ! -e "$SECRETS/$1-key" ] || remove_secret "$1-key"
}
