# How a run begins: it takes the lock, on file descriptor 9, which the kernel releases with its last holder; it refuses a host that has changed since
# the plan; and it reserves room for what it writes.

# Only root can enter this folder.
LOCK=/run/foobar-provision-locks/run

begin_run() {
  # A run that cannot write its journal can only fail.
  [ -e "$RUN/journal" ] || ( umask 077 && mkdir -p "$RUN" && true >>"$RUN/journal" && reserve "$RUN/journal" ) || exit 1
  exec 3>>"$RUN/journal"
  # Other users could hold a lock that they can open.
  [ -e "$LOCK" ] || said=$({ umask 077 && mkdir -p "${LOCK%/*}" && true >>"$LOCK"; } 2>&1) || refuse_run lock "$said"
  exec 9>>"$LOCK"
  if ! flock -n 9; then
    say end busy "$(cat "$LOCK")"
    printf '%s\n' "Another run holds this host's lock: $(cat "$LOCK")" >&2
    rm -rf "$RUN/secrets"
    exit 3
  fi
  printf '%s\n' "$ID" >"$LOCK" || refuse_run lock "$LOCK could not be written."
  finish_pending_guards || { say end unguarded; rm -rf "$RUN/secrets"; exit 1; }
  if [ "$BASE" != any ] && [ "$(base)" != "$BASE" ]; then
    say end stale
    rm -rf "$RUN/secrets"
    exit 1
  fi
  # Leftovers may take the room that this run needs.
  remove_leftovers
  said=$(reserve_room 2>&1) || refuse_run room "$said"
  said=$({ advance_generation begin && printf 'over %s\n' "$ID" >"$RUN/over" && sync "$RUN/over"; } 2>&1) || refuse_run generation "$said"
  say start "$ID"
}

# reserve_room: creates the run's folders and files, and reserves room for its log, so that a full disk does not prevent a rollback
reserve_room() (
  umask 077
  mkdir -p "$RUN/kept" "$RUN/secrets" "$RUN/handled" "$STATE/manifests" "$STATE/owed/$NAME" || exit
  for each in log begun beside; do true >>"$RUN/$each" || exit; done
  reserve "$RUN/log"
)

# refuse_run STEP TEXT: ends a run that has not changed anything
refuse_run() {
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
  remove_secret_backups
  printf '\n== leftovers\n%s\n' "$left" >>"$RUN/log"
  printf '%s\n' "$left" | xargs -d '\n' rm -rf -- 2>>"$RUN/log"
}

# advance_generation WORD: starts a new generation. Everything of ours that changes the host starts one at its beginning and its end, which
# invalidates all plans from before and in between.
advance_generation() {
  printf '%s %s\n' "$1" "$ID" | write_record "$STATE" generation
}

# end_generation: starts the generation with which the run ends. Its file was written at the beginning.
end_generation() {
  [ ! -e "$RUN/over" ] || rename_synced "$RUN/over" "$STATE/generation"
}
