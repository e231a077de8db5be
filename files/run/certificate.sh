# Certificates from a certificate authority.

forget_certificate() {
  ! command -v certbot >/dev/null || certbot delete --non-interactive --cert-name "$1" || true
  rm -f "$CERTIFICATES/$1/now" "$STATE/certificates/$1" "$STATE/certificates/$1.said"
  [ ! -d "$STATE/certificates" ] || rmdir --ignore-fail-on-non-empty "$STATE/certificates"
}
