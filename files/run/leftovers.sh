# What interrupted runs, uploads and surveys have left behind. POSIX sh; changes nothing.

# leftovers MINUTES: prints the paths that nobody uses any more, one on each line. The caller holds the run lock before it removes them, so every
# run except $RUN has ended, unless it is just being handed over. Uploads count when they are older than MINUTES, because their run may be about
# to start. $ARRIVALS are the uploads of this run.
leftovers() {
  find_leftovers "$1" | sort -u | while read -r left; do
    case " ${ARRIVALS:-} " in *" ${left##*/} "*) continue ;; esac
    [ "$left" != "${LISTS:-}" ] || continue
    if [ -e "$left" ] || [ -L "$left" ]; then printf '%s\n' "$left"; fi
  done
}

find_leftovers() {
  notes='' guarded=''
  for run in "$STATE"/runs/*; do
    # A run whose guard may still revert something has not ended.
    if [ -e "$run/armed" ]; then guarded=yes; continue; fi
    [ "$run" != "${RUN:-}" ] || continue
    # Its journal may have been lost in a power cut.
    if [ -s "$run/beside" ] || grep -qsE '^(start|end)' "$run/journal"; then
      [ ! -s "$run/beside" ] || notes="$notes $run/beside"
      printf '%s\n' "$run/secrets" "$run/shadow" "$run/unpruned" "$run"/kept/secret-*
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
    printf '%s\n' "$site"/releases/.*.filling "$site"/releases/*.sock.new "$site/current.new" "$site/live.new" "$site/docroot.new" "$site/previous.new"
    for known in "${keep%/keep}"/*/; do
      known=${known%/}
      [ -d "$site/releases/${known##*/}" ] || [ -d "$site/releases/${known##*/}.failed" ] || printf '%s\n' "$known"
    done
  done
  printf '%s\n' "$STATE"/releases/*/*/stat.new "$RULES"/*/now.new "$RULES"/*/*/*.new /etc/systemd/system/foobar-provision-revert.service.new /etc/systemd/system/*.wants/foobar-provision-revert.service.new
  # The unit at boot belongs to a run whose access settings are not proven yet.
  [ -n "$guarded" ] ||
    printf '%s\n' /etc/systemd/system/*.wants/foobar-provision-revert.service /etc/systemd/system/foobar-provision-revert.service
  read -r boot </proc/sys/kernel/random/boot_id
  # Their names end with the boot and the id of the process that creates them.
  for each in "$STATE"/.*.new "$STATE"/*/.*.new "$STATE"/releases/*/.*.new "$STATE"/releases/*/*/.*.new "$SECRETS"/.*.new \
    /etc/foobar-provision/instances/*/.stored/.*.new /etc/foobar-provision/instances/*/.stored/*/.*.new \
    /etc/nginx/conf.d/.foobar-maintenance-*.new /etc/nginx/site.d/*/.00-foobar-maintenance.conf.*.new; do
    pid=${each%.new} pid=${pid##*.}
    case $each in *".${boot%%-*}.$pid.new") [ -d "/proc/$pid" ] || printf '%s\n' "$each" ;; *) printf '%s\n' "$each" ;; esac
  done
  # Its folder disappears with the boot, so the id of the process is enough.
  for each in /run/foobar-provision-read.*; do
    pid=${each#*-read.}
    [ -d "/proc/${pid%%.*}" ] || printf '%s\n' "$each"
  done
  for each in /var/tmp/foobar-provision-lists.*; do
    [ ! -d "$each" ] || find "$each" -maxdepth 0 -type d -user root -mmin +60 2>/dev/null
  done
}

# abandoned_uploads: prints unfinished uploads that nobody continues. An upload in progress is locked, and one from before the last boot is abandoned.
abandoned_uploads() {
  read -r boot </proc/sys/kernel/random/boot_id
  for part in "$STATE"/incoming/*.part; do
    case $part in
      # It is created a moment before it is locked.
      *".$boot.part") if [ -z "$(find "$part" -maxdepth 0 -mmin +1 2>/dev/null)" ] || ! flock -n "$part" true; then continue; fi ;;
    esac
    printf '%s\n' "$part"
  done
}

# count_leftovers: prints the number of leftovers and their size in kilobytes, or nothing if there are none
count_leftovers() {
  found=$(leftovers 10)
  [ -n "$found" ] || return 0
  printf '%s %s\n' "$(printf '%s\n' "$found" | wc -l)" "$(printf '%s\n' "$found" | xargs -d '\n' du -skc -- 2>/dev/null | awk 'END { print $1 + 0 }')"
}
