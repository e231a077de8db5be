# The health check of a new release before it goes live.

# The timeout of one request, in seconds.
answer_seconds=20

ask() {
  perl /usr/local/lib/foobar-provision/ask "$@"
}

# probe ERRORS LOGS PROTOCOL SOCKET SCHEME HOST DOCROOT SEEN PATH...: checks a release. ERRORS is the file where PHP writes the application's errors,
# or empty. LOGS are patterns of files where the application may write them itself. SEEN is the docroot as the application sees it.
probe() {
  errors=$1 logs=$2 protocol=$3 socket=$4 release=${7#*/releases/} site=${7%%/releases/*}
  shift 4
  release=${release%%/*}
  # Skip what other releases have logged before.
  began=0
  [ -z "$logs" ] || began=$(date +%s)
  before=$(stat -c %s "$errors" 2>/dev/null || printf 0)
  ask probe "$protocol" "$socket" "$answer_seconds" "$@" && return
  if [ -n "$errors" ] && [ -d "${errors%/*}" ]; then
    # The folder belongs to the site, so read it with the site's rights. PHP may not have written a log yet.
    read_log "$(stat -c %U "${errors%/*}")" "$errors" "+$((before + 1))" >"$RUN/said" || true
    # An application may log hundreds of deprecations in one request.
    grep -v 'PHP Deprecated: ' "$RUN/said" | tail -n 8
    [ -z "$logs" ] || read_newest "$(stat -c %U "${errors%/*}")" "$began" "$logs" || true
  fi
  if [ -z "$errors" ]; then
    instance=${socket##*/}
    journalctl --quiet --no-pager -o cat -n 8 -u "*-${instance%.sock}.service" 2>/dev/null
  fi
  set -- "$site"/releases/*/
  # The first run of a site is rolled back with its folders.
  kept=$([ $# -lt 2 ] || printf ' It is kept for inspection as %s.' "$site/releases/$release.failed")
  printf '%s\n' "The release $release has failed its health check and did not go live.$kept" 'Fix the error, and deploy again.'
  return 1
}

# read_log USER FILE BYTES: prints the end of a log, with the rights of its owner, if it is a regular file; 64 KiB at most
read_log() {
  # shellcheck disable=SC2016 # the inner shell expands it
  as_user "$1" 5 sh -c '[ ! -L "$1" ] && [ -f "$1" ] && tail -c "$2" -- "$1" | tail -c 65536' sh "$2" "$3" 2>/dev/null
}

# read_newest USER SINCE PATTERNS: prints the last entries of the newest file that matches, with the site's rights, if it was written since then. Lines
# of stack traces are left out.
read_newest() {
  # shellcheck disable=SC2016 # the inner shell expands it
  as_user "$1" 5 sh -c '
    newest=$(ls -td -- $2 2>/dev/null | head -n 1)
    if [ -z "$newest" ] || [ -L "$newest" ] || [ ! -f "$newest" ] || [ "$(stat -c %Y -- "$newest")" -lt "$1" ]; then exit 0; fi
    tail -n 500 -- "$newest" | grep -v "^#[0-9]\|^.stacktrace.\|^\"}" | cut -c 1-500 | tail -n 5' sh "$2" "$3" 2>/dev/null
}

# warm OLD_SOCKET SOCKET RELEASE OLD...: compiles below RELEASE, the path at which the new release sees itself, the files that the old one has in its
# opcode cache below one of OLD. A failure is ignored.
warm() {
  old_socket=$1 new_socket=$2
  shift 2
  [ ! -S "$old_socket" ] || ask warm fastcgi "$new_socket" 60 /usr/local/lib/foobar-provision/opcache.php "$old_socket" "$@" || true
}
