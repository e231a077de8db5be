# Whether an application is installed.

# application_is_installed FILE USER ORIGINAL LOCK: succeeds if the installer has written this shared file, so that it differs from that of the release,
# and is not at work: then LOCK exists, if the installer has one. The site may write both, so they are read with the rights of the site's user.
application_is_installed() {
  original=$3
  [ -f "$original" ] || original=/dev/null
  # shellcheck disable=SC2016 # the inner shell expands it
  timeout --kill-after=1 5 setpriv --reuid="$2" --regid="$2" --clear-groups --inh-caps=-all -- \
    sh -c '[ -f "$1" ] && [ -s "$1" ] && [ ! -e "${2:-/dev/null/none}" ] && ! cmp -s -- "$1" -' sh "$1" "$4" <"$original" 2>/dev/null
}
