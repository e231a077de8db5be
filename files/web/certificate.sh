#!/bin/sh
# Gets the certificates that this host's sites wait for, and installs them in nginx.
# Written by foobar-provision: edits here are undone by its next run.
#
#   ask DOMAIN    ask the CA now
#   wait DOMAIN   note that there is none yet; `due` asks when the names point to this host
#   due           ask for all that wait and are due; a timer runs this
#   deploy        certbot runs this when it has a new certificate
# shellcheck disable=SC2086 # names are words
set -u
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
TLS=/etc/foobar-provision/tls
STATE=/var/lib/foobar-provision/certificates

# The seconds between two requests. Let's Encrypt allows five failures an hour, a limit that must never be reached.
gap=900
hour=3600
day=86400

# say: there is no run that could report it
say() {
  printf '%s\n' "$*" >&2
}

{{durable}}

{{reload}}

# recall: reads the record of a site's certificate, one line: yes or no, its directory, the times of the next allowed and of the last request, the
# number of failures in a row, its names, and the last message.
recall() {
  has=no from='' soon=0 last=0 failures=0 held='' reason=''
  [ ! -e "$STATE/$domain" ] || IFS='	' read -r has from soon last failures held reason <"$STATE/$domain"
  # A dangling link is not a certificate.
  [ -e "$TLS/$domain/ca/fullchain.pem" ] || has=no
  now=$(date +%s)
  # The clock was set back.
  [ "$last" -le "$now" ] || soon=0
}

# note HAS REASON
note() {
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "${from:--}" "$soon" "$last" "$failures" "${held:--}" "$(printf '%s' "$2" | tr '\t\n' '  ' | cut -c 1-400)" |
    write_record "$STATE" "$domain"
}

request() {
  domain=$1 NAMES='' WEBROOT='' DIRECTORY='' REHEARSAL='' EMAIL=''
  # shellcheck source=/dev/null # written by foobar-provision
  . "$TLS/$domain/request" || exit
  canonical=${NAMES%% *}
}

# missing NAME...: prints those that are not in the certificate yet
missing() {
  for name; do
    case " $held " in *" $name "*) ;; *) printf '%s\n' "$name" ;; esac
  done
}

# ask_over_https NAME: prints the answer of the server of a name to a request for the host's token over HTTPS, whatever its certificate
ask_over_https() {
  printf 'GET /.well-known/foobar-provision HTTP/1.0\r\nHost: %s\r\n\r\n' "$1" |
    timeout 10 openssl s_client -quiet -connect "$1:443" -servername "$1" 2>/dev/null | tr -d '\r'
}

# tls_ends_before NAME: succeeds if a proxy ends TLS for a name and asks this host over HTTP
tls_ends_before() {
  answer=$(ask_over_https "$1")
  printf '%s\n' "$answer" | grep -qF -f "$WEBROOT/.well-known/foobar-provision" &&
    printf '%s\n' "$answer" | grep -qi '^foobar-provision-scheme: http$'
}

# leads_here NAME: succeeds if a name points to this host: the server that answers must know the token that only this host's nginx serves. It follows
# a redirect to HTTPS.
leads_here() {
  # shellcheck disable=SC2016 # perl's own
  timeout 10 perl -MIO::Socket::IP -e '
    my ($name, $file) = @ARGV;
    open my $known, "<", $file or exit 1;
    my $wanted = join "", <$known>;
    my $to = IO::Socket::IP->new(PeerHost => $name, PeerPort => 80, Timeout => 5) or exit 1;
    print $to "GET /.well-known/foobar-provision HTTP/1.0\r\nHost: $name\r\n\r\n";
    my $answer = join "", <$to>;
    exit 3 if $answer =~ m{^HTTP/1\S* 30[1278].*?\nlocation: https://\Q$name\E/\.well-known/foobar-provision\r?\n}si;
    exit(index($answer, $wanted) < 0);
  ' "$1" "$WEBROOT/.well-known/foobar-provision" 2>/dev/null
  case $? in
    0) ;;
    3) ask_over_https "$1" | grep -qF -f "$WEBROOT/.well-known/foobar-provision" ;;
    *) return 1 ;;
  esac
}

# trusting COMMAND...: runs certbot so that it trusts the site's own CAs besides the public ones
trusting() {
  if [ -e "$TLS/$domain/authorities.pem" ]; then
    cat /etc/ssl/certs/ca-certificates.crt "$TLS/$domain/authorities.pem" >/run/foobar-provision-authorities.pem 2>/dev/null
    REQUESTS_CA_BUNDLE=/run/foobar-provision-authorities.pem "$@"
  else
    "$@"
  fi
}

# order DIRECTORY NAMES [OPTION...]: sends one request to a CA, and writes the output to the file $said
order() {
  directory=$1 names=$(printf '%s' "$2" | tr -s ' \n' ',,')
  shift 2
  if [ -n "$EMAIL" ]; then set -- "$@" --email "$EMAIL"; else set -- "$@" --register-unsafely-without-email; fi
  trusting timeout 300 certbot certonly --non-interactive --agree-tos --server "$directory" --webroot --webroot-path "$WEBROOT" \
    --cert-name "$domain" --domains "${names%,}" --key-type ecdsa --allow-subset-of-names --renew-with-new-domains \
    --deploy-hook '/usr/local/sbin/foobar-provision-certificate deploy' "$@" >"$said" 2>&1 </dev/null
}

# refused: prints the names whose validation failed, according to certbot
refused() {
  sed -n 's/^ *\(Domain\|Identifier\): *//p' "$said" | sort -u
}

# why: prints the message of the CA or certbot on one line
why() {
  told=$(sed -n -e 's/^ *Detail: *//p' -e '/^An unexpected error occurred:/,$p' -e '/error/Ip' "$said" | grep -v '^An unexpected error occurred:\|^Ask for help\|letsencrypt\.log' | awk '!seen[$0]++' | head -n 3 | tr '\n' ' ')
  # If there is no error message, print the last lines.
  [ -n "$told" ] || told=$(grep -v '^$\|^- - -\|^Saving debug log\|^Ask for help\|letsencrypt\.log' "$said" | tail -n 2 | tr '\n' ' ')
  printf '%s' "$told"
}

# retry_after: reads from a rate limit's message when the next request is allowed
retry_after() {
  grep -qi 'rate.\?limit\|too many' "$said" || return
  until=$(sed -n 's/.*retry after \([0-9-]* [0-9:]* UTC\).*/\1/Ip' "$said" | head -n 1)
  at=$([ -z "$until" ] || date -d "$until" +%s 2>/dev/null) || at=
  [ -n "$at" ] || at=$((now + day))
  [ "$at" -le "$soon" ] || soon=$at
}

ask() {
  request "$1"
  recall
  wanted=$NAMES
  force=
  if [ "$has" = yes ] && [ "$from" = "$DIRECTORY" ]; then
    # Keep its names, and request a new one only for missing names that point to this host by now.
    [ -n "$(missing $NAMES)" ] || return 0
    more=$(for name in $(missing $NAMES); do ! leads_here "$name" || printf '%s ' "$name"; done)
    last=$now
    if [ -z "$more" ]; then
      soon=$((now + gap))
      note yes "left out: $(missing $NAMES | tr '\n' ' ')(they do not point to this host)"
      return
    fi
    wanted=$(for name in $NAMES; do case " $held $more " in *" $name "*) printf '%s ' "$name" ;; esac; done)
  elif [ "$has" = yes ]; then
    force=--force-renewal
  elif [ "$from" = "$DIRECTORY" ] && [ -z "$(missing "$canonical")" ] && [ -e "$TLS/$domain/ca/fullchain.pem" ]; then
    # It was issued already, and waited for the proxy.
    last=$now
    advance_generation && install_certificate
    advance_generation
    return 0
  fi
  last=$now soon=$((now + gap))
  said=$STATE/$domain.said
  mkdir -p "$STATE"
  if [ -n "$REHEARSAL" ]; then
    if ! order "$REHEARSAL" "$wanted" --dry-run; then failed; return; fi
    wanted=$(for name in $wanted; do refused | grep -qxF "$name" || printf '%s ' "$name"; done)
    # All new names were refused.
    if [ "$has" = yes ] && [ "$from" = "$DIRECTORY" ] && [ -z "$(missing $wanted)" ]; then
      failures=0
      note yes "left out: $(missing $NAMES | tr '\n' ' ')($(why))"
      return
    fi
  fi
  case " $wanted " in *" $canonical "*) ;; *) failed; return ;; esac
  if ! order "$DIRECTORY" "$wanted" $force; then failed; return; fi
  rest=$(refused | tr '\n' ' ')
  answer=$(why)
  recall
  # The hook has it wait for a proxy.
  if [ "$has" != yes ] && [ "$from" = "$DIRECTORY" ]; then return; fi
  soon=$((now + gap)) last=$now failures=0
  if [ "$has" != yes ]; then
    # The hook has refused it and has recorded why.
    failures=1
    note no "$reason"
  elif [ -n "$(missing $NAMES)" ]; then
    note yes "left out: $(missing $NAMES | tr '\n' ' ')${rest:+($answer)}"
  else
    note yes ''
  fi
}

failed() {
  failures=$((failures + 1))
  retry_after
  note "$has" "$(why)"
}

# wait_of SECONDS: doubles a wait for each failure after the first, up to a day
wait_of() {
  wait=$1 times=$failures
  while [ "$times" -gt 1 ] && [ "$wait" -lt "$day" ]; do wait=$((wait * 2)) times=$((times - 1)); done
  [ "$wait" -le "$day" ] || wait=$day
  printf '%s' "$wait"
}

# due: asks for all certificates that are due. If the host cannot tell whether its names point to it, because it may not reach its own address from
# inside, it still asks, but rarely.
due() {
  for folder in "$TLS"/*/; do
    [ -e "$folder/request" ] || continue
    folder=${folder%/}
    request "${folder##*/}"
    recall
    [ "$has" = no ] || [ -n "$(missing $NAMES)" ] || continue
    if [ "$now" -lt "$soon" ] || [ "$now" -lt $((last + $(wait_of $hour))) ]; then continue; fi
    if leads_here "$canonical" || { [ "$last" -gt 0 ] && [ "$now" -ge $((last + $(wait_of $((6 * hour))))) ]; }; then
      ask "$domain"
    elif [ "$last" = 0 ]; then
      last=$now
      note "$has" "$canonical does not point to this host"
    fi
  done
}

# advance_generation: starts a new generation of the host, before and after a change, so that no earlier plan is applied
advance_generation() {
  printf 'certificate of %s, %s\n' "$domain" "$(date +%s%N)" | write_record /var/lib/foobar-provision generation
}

deploy() {
  domain=${RENEWED_LINEAGE##*/}
  advance_generation || return
  request "$domain"
  recall
  held=$(openssl x509 -in "$RENEWED_LINEAGE/fullchain.pem" -noout -ext subjectAltName | grep -o 'DNS:[^, ]*' | cut -d : -f 2 | tr '\n' ' ')
  held=${held% }
  case " $held " in
    *" $canonical "*) ;;
    *)
      note "$has" "the certificate is not for $canonical"
      return 1
      ;;
  esac
  install_certificate
}

# install_certificate: makes nginx use the certificate. HTTP then redirects to HTTPS, which would come back for ever if a proxy ends TLS and asks this
# host over HTTP: then the site is served over HTTP as before, and is asked about again in an hour.
install_certificate() {
  before=$(readlink "$TLS/$domain/now")
  if [ "$before" != ca ] && grep -q 'return 301' "$TLS/$domain/ca/http.conf"; then
    for name in $held; do
      tls_ends_before "$name" || continue
      from=$DIRECTORY soon=0 last=$now failures=0
      note no "TLS for $name ends at a proxy that asks this host over HTTP, so HTTP stays open until web.proxies names it"
      return
    done
  fi
  link_synced "$TLS/$domain/now" ca || return
  if ! refusal=$(nginx -t -q 2>&1); then
    link_synced "$TLS/$domain/now" "$before"
    [ "$before" = ca ] || has=no from=-
    note "$has" "nginx refused it: $refusal"
    return 1
  fi
  reload_nginx || return
  from=$DIRECTORY failures=0
  note yes ''
}

case ${1:-} in
  deploy)
    deploy
    rc=$?
    advance_generation || rc=1
    exit "$rc"
    ;;
  ask | wait | due)
    # Other users could hold a lock that they can open.
    ( umask 077 && mkdir -p /run/foobar-provision-locks && true >>/run/foobar-provision-locks/certificate ) || exit
    exec 8>>/run/foobar-provision-locks/certificate
    flock 8 || exit
    case $1 in
      ask) ask "$2" ;;
      wait)
        request "$2"
        recall
        note "$has" "$canonical does not point to this host yet"
        ;;
      due) due ;;
    esac
    ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 1 ;;
esac
