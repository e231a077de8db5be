# Removing old releases after a successful run.

# prune_releases: removes the releases beyond each site's limit and what only they need, including those that interrupted runs have left. A site that
# was rolled back keeps what an interrupted run has left, because its processes may still run; the record says what they are.
prune_releases() {
  for keep in "$STATE"/releases/*/keep; do
    [ -s "$keep" ] || continue
    read -r number site <"$keep"
    ! is_left "${site##*/}" || continue
    # A site that was removed needs no record of its releases.
    if [ -d "$site/releases" ]; then prune "$site" "$number"; else printf '%s\n' "${keep%/keep}" >>"$RUN/filled"; fi
  done
}

# rules_of DOMAIN: prints the folder of a site's rules. A long domain is shortened, because the path of a socket has at most 107 bytes.
rules_of() {
  rules=$1
  [ ${#rules} -le 58 ] || rules=$(printf '%.41s' "$1")-$(printf %s "$1" | sha256sum | cut -c1-16)
  printf '%s\n' "$RULES/$rules"
}

# prune SITE KEEP: keeps the live release and the last ones that were live before it. Removes releases that were never live.
prune() {
  live=$(readlink "$1/current" || true) served=$(readlink "$1/docroot" || true)
  served=${served#releases/}
  find "$1/releases" -mindepth 1 -maxdepth 1 -type d ! -name '.*' ! -name '*.failed' -printf '%f\n' >"$RUN/releases"
  # The live release first, then the others, newest first.
  { printf '0 %s\n' "${live##*/}"; history_of "$1" | sort -rn; } |
    awk -v most="$2" 'NR == FNR { there[$0]; next } $2 in there && !seen[$2]++ && count++ < most { print $2 }' "$RUN/releases" - >"$RUN/stay" || return 0
  [ -z "$served" ] || printf '%s\n' "${served%%/*}" >>"$RUN/stay" || return 0
  if [ -e "$STATE/releases/${1##*/}/left" ]; then
    read -r boot </proc/sys/kernel/random/boot_id
    read -r up _ </proc/uptime
    # A request to it may still be in progress for as long as the site allows. Older records do not say how long; then it is 65 seconds.
    awk -v boot="$boot" -v now="${up%%.*}" '$1 == boot && $2 + ($4 == "" ? 65 : $4) > now + 0 { print $3 }' "$STATE/releases/${1##*/}/left" >>"$RUN/stay" || return 0
  fi
  # If no release is known to be needed, remove none.
  [ -s "$RUN/stay" ] || return 0
  grep -vxF -f "$RUN/stay" "$RUN/releases" | while read -r old; do
    printf '%s\n' "$1/releases/$old" "$1/releases/$old.sock" "$1/served/$old" "$STATE/releases/${1##*/}/$old" >>"$RUN/filled"
  done
  links='' needs=''
  sort -u -o "$RUN/stay" "$RUN/stay"
  while read -r kept; do
    links="$links $1/releases/$kept.sock" needs="$needs $STATE/releases/${1##*/}/$kept/needs"
  done <"$RUN/stay"
  # shellcheck disable=SC2086 # the names are ours
  sockets=$(readlink -- $links)
  # shellcheck disable=SC2086
  cat $needs >"$RUN/needed" 2>/dev/null
  for instance in "$INSTANCES/${1##*/}"/*/; do
    instance=${instance%/}
    [ -d "$instance" ] || continue
    case $sockets in
      *"/${instance##*/}.sock"* | *"/${instance##*/}@"*) ;;
      *) find /etc/systemd/system -maxdepth 1 -lname "$instance/*" -print >>"$RUN/filled"; printf '%s\n' "$instance" >>"$RUN/filled" ;;
    esac
  done
  for rules in "$(rules_of "${1##*/}")"/*/; do
    rules=${rules%/}
    if [ ! -d "$rules" ] || [ -L "$rules" ] || [ "${rules##*/}" = "$(readlink "${rules%/*}/now")" ]; then continue; fi
    grep -qxF "directory:$rules" "$RUN/needed" || printf '%s\n' "$rules" >>"$RUN/filled"
  done
  forget_removed_releases "$1"
}
