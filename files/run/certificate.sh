# Certificates of a CA.

forget_certificate() {
  ! command -v certbot >/dev/null || certbot delete --non-interactive --cert-name "$1" || true
  rm -f "/etc/foobar-provision/tls/$1/now" "/var/lib/foobar-provision/certificates/$1" "/var/lib/foobar-provision/certificates/$1.said"
  [ ! -d /var/lib/foobar-provision/certificates ] || rmdir --ignore-fail-on-non-empty /var/lib/foobar-provision/certificates
}
