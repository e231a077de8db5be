# Self-signed certificates. Their keys never leave the host, where only root can read them.

# create_certificate DOMAIN alone|stands-in NAME...: creates a self-signed certificate. An existing key stays, so that nginx never finds a key
# without its certificate.
create_certificate() (
  umask 077
  domain=$1 mode=$2 home=$CERTIFICATES/$1 self=$CERTIFICATES/$1/self
  shift 2
  prepare_staging "$home/self.new"
  made=$new
  rm -rf "$made"
  mkdir "$made"
  names=subjectAltName=$(printf ',DNS:%s' "$@" | cut -c 2-)
  printf '%s\n' "$*" >"$made/names"
  set -- -nodes -days 3650 -subj '/CN=self-signed by foobar-provision' -addext "$names" -out "$made/fullchain.pem"
  if openssl pkey -in "$self/privkey.pem" -noout 2>/dev/null; then
    openssl req -x509 -key "$self/privkey.pem" "$@"
    for part in fullchain.pem names; do
      [ -e "$self/$part" ] || continue
      prepare_staging "$self/$part"
      back_up "$self/$part" "self-signed-$domain-$part"
    done
    move_synced "$made/fullchain.pem" "$self/fullchain.pem"
    move_synced "$made/names" "$self/names"
  else
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -keyout "$made/privkey.pem" "$@"
    # Keep what an earlier run wrote here to be checked with the certificate.
    [ ! -e "$self/http.conf" ] || cp -a "$self/http.conf" "$made/http.conf"
    rm -rf "$self"
    move_synced "$made" "$self"
  fi
  if [ "$mode" = stands-in ] && [ ! -e "$home/now/fullchain.pem" ]; then link_synced "$home/now" self; fi
)

restore_certificate() {
  home=$CERTIFICATES/$1
  if [ -e "$RUN/kept/self-signed-$1-fullchain.pem" ]; then
    restore_file "$home/self/fullchain.pem" "self-signed-$1-fullchain.pem" && restore_file "$home/self/names" "self-signed-$1-names"
  else
    rm -rf "$home/self"
    [ "$(readlink "$home/now")" != self ] || remove_synced "$home/now"
  fi
}
