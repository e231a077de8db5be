# What interrupted runs, uploads and looks at this host have left behind. POSIX sh; changes nothing.

# leftovers MINUTES: prints the paths that nobody uses any more, one a line. Whoever removes them holds the lock of runs, so that a run of
# another name than $RUN is over, but for one that is being handed over. Files that arrived count when they are older than MINUTES: the run that
# they are for begins soon, and $ARRIVALS are those of this one.
leftovers() {
  every_leftover "$1" | sort -u | while read -r left; do
    case " ${ARRIVALS:-} " in *" ${left##*/} "*) continue ;; esac
    [ "$left" != "${LISTS:-}" ] || continue
    if [ -e "$left" ] || [ -L "$left" ]; then printf '%s\n' "$left"; fi
  done
}

every_leftover() {
  notes='' guarded=''
  for run in "$STATE"/runs/*; do
    # What a guard is still to revert is not over.
    if [ -e "$run/armed" ]; then guarded=yes; continue; fi
    [ "$run" != "${RUN:-}" ] || continue
    # A power cut may have taken its journal.
    if [ -s "$run/beside" ] || grep -qsE '^(start|end)' "$run/journal"; then
      [ ! -s "$run/beside" ] || notes="$notes $run/beside"
      printf '%s\n' "$run/secrets" "$run/shadow" "$run"/kept/secret-*
    else
      find "$run" -maxdepth 0 -mmin +60 2>/dev/null
    fi
  done
  # shellcheck disable=SC2086 # the names are ours
  [ -z "$notes" ] || cat $notes
  find "$STATE/incoming" -mindepth 1 -maxdepth 1 ! -name '*.part' -mmin "+$1" 2>/dev/null
  abandoned_uploads
  for keep in "$STATE"/releases/*/keep; do
    [ -s "$keep" ] || continue
    read -r _ site <"$keep"
    [ -d "$site/releases" ] || continue
    printf '%s\n' "$site"/releases/.*.filling "$site"/releases/*.sock.new "$site/current.new" "$site/docroot.new" "$site/previous.new"
    for known in "${keep%/keep}"/*/; do
      known=${known%/}
      [ -d "$site/releases/${known##*/}" ] || [ -d "$site/releases/${known##*/}.failed" ] || printf '%s\n' "$known"
    done
  done
  printf '%s\n' "$STATE"/releases/*/*/stat.new /etc/nginx/foobar-rules/*/now.new /etc/nginx/foobar-rules/*/*/*.new /etc/systemd/system/foobar-provision-revert.service.new /etc/systemd/system/*.wants/foobar-provision-revert.service.new
  # The unit at boot is for a run whose access settings nobody has proven yet.
  [ -n "$guarded" ] ||
    printf '%s\n' /etc/systemd/system/*.wants/foobar-provision-revert.service /etc/systemd/system/foobar-provision-revert.service
  # These have the number of the process in their names that makes them, as the last but one or the first of three parts.
  for each in "$STATE"/.*.new "$STATE"/*/.*.new "$STATE"/releases/*/.*.new "$STATE"/releases/*/*/.*.new "$SECRETS"/.*.new; do
    pid=${each%.new}
    [ -d "/proc/${pid##*.}" ] || printf '%s\n' "$each"
  done
  for each in /run/foobar-provision-read.*; do
    pid=${each#*-read.}
    [ -d "/proc/${pid%%.*}" ] || printf '%s\n' "$each"
  done
  for each in /var/tmp/foobar-provision-lists.*; do
    [ ! -d "$each" ] || find "$each" -maxdepth 0 -type d -user root -mmin +60 2>/dev/null
  done
}

# What is being sent is locked, however long it takes; what a host that went down has left is nobody's any more.
abandoned_uploads() {
  read -r boot </proc/sys/kernel/random/boot_id
  for part in "$STATE"/incoming/*.part; do
    case $part in
      # It is made a moment before it is locked.
      *".$boot.part") if [ -z "$(find "$part" -maxdepth 0 -mmin +1 2>/dev/null)" ] || ! flock -n "$part" true; then continue; fi ;;
    esac
    printf '%s\n' "$part"
  done
}

# How many there are, and how many kilobytes they take; nothing where there are none.
count_leftovers() {
  found=$(leftovers 10)
  [ -n "$found" ] || return 0
  printf '%s %s\n' "$(printf '%s\n' "$found" | wc -l)" "$(printf '%s\n' "$found" | xargs -d '\n' du -skc -- 2>/dev/null | awk 'END { print $1 + 0 }')"
}
