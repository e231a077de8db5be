# How a run begins: it takes the lock, on file descriptor 9, which dies with its last holder; it refuses a host that has moved; and it makes room for what it writes.

# The folder is root's alone.
LOCK=/run/foobar-provision-locks/run

open_run() {
  # What cannot write its journal has nobody to tell but the one who started it.
  [ -e "$RUN/journal" ] || ( umask 077 && mkdir -p "$RUN" && true >>"$RUN/journal" && reserve "$RUN/journal" ) || exit 1
  exec 3>>"$RUN/journal"
  # A lock that others may open, they may hold.
  said=$({ umask 077 && mkdir -p "${LOCK%/*}" && true >>"$LOCK"; } 2>&1) || refuse lock "$said"
  exec 9>>"$LOCK"
  if ! flock -n 9; then
    say end busy "$(cat "$LOCK")"
    printf '%s\n' "Another run holds this host's lock: $(cat "$LOCK")" >&2
    rm -rf "$RUN/secrets"
    exit 3
  fi
  printf '%s\n' "$ID" >"$LOCK" || refuse lock "$LOCK could not be written."
  finish_guards || { say end unguarded; rm -rf "$RUN/secrets"; exit 1; }
  if [ "$BASE" != any ] && [ "$(base)" != "$BASE" ]; then
    say end stale
    rm -rf "$RUN/secrets"
    exit 1
  fi
  # They may take the room that this one needs.
  remove_leftovers
  said=$(make_room 2>&1) || refuse room "$said"
  said=$({ advance begin && printf 'over %s\n' "$ID" >"$RUN/over" && sync "$RUN/over"; } 2>&1) || refuse generation "$said"
  say start "$ID"
}

# Its folders, and room for what it says when a disk is full. What it has begun, and where it stages, it then only reads.
make_room() (
  umask 077
  mkdir -p "$RUN/kept" "$RUN/secrets" "$RUN/handled" "$STATE/manifests" "$STATE/owed/$NAME" || exit
  for each in log begun beside; do true >>"$RUN/$each" || exit; done
  reserve "$RUN/log"
)

# refuse STEP TEXT: ends a run that has changed nothing
refuse() {
  say fail "$1" 1
  { printf '%s\n' "$2"; full_disks; } | awk '{ print "err\t" $0 }' >&3
  rm -rf "$RUN/secrets"
  say end rolled-back
  exit 5
}

remove_leftovers() {
  left=$(leftovers 0)
  [ -n "$left" ] || return 0
  say progress 'removing what interrupted runs left'
  forget_kept_secrets
  printf '\n== leftovers\n%s\n' "$left" >>"$RUN/log"
  printf '%s\n' "$left" | xargs -d '\n' rm -rf -- 2>>"$RUN/log"
}

# advance WORD: a new generation. Whatever changes the host on our behalf begins one and ends with another, so that no plan that was made
# before or meanwhile is applied.
advance() {
  printf '%s %s\n' "$1" "$ID" | write_record "$STATE" generation
}

# The one that a run ends with, which was written when it began.
end_generation() {
  [ ! -e "$RUN/over" ] || rename_synced "$RUN/over" "$STATE/generation"
}
