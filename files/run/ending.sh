# How a run ends: committed, rolled back, or stopped. `touched` says whether a service may have seen something of it.

commit() {
  load_units
  printf '\n== manifest\n' >>"$RUN/log"
  { note_brought && end_generation && record; } 2>>"$RUN/log" || fail manifest 1
  clean
  remove_unpackaged
  forget_kept_secrets
  prune_releases
  forget_arrivals
  # The last ten runs are kept. Where the clock was set back, none before this one is younger.
  find "$STATE/runs" -mindepth 1 -maxdepth 1 ! -name "$ID" -newer "$RUN" -exec touch -r "$RUN/log" {} +
  # shellcheck disable=SC2012 # the names are ours
  ls -1t "$STATE/runs" | tail -n +11 | while read -r old; do rm -rf "${STATE:?}/runs/$old"; done
  say end ok
}

roll_back() {
  load_units
  worst=rolled-back
  # They take room that what is put back may need.
  rm -rf "$RUN/shadow"
  # What is undone here is no longer the guard's; where that fails, it tries again.
  [ -z "$ARMED" ] || lock_guard
  # shellcheck disable=SC2013 # they are numbers
  for step in $(sort -rnu "$RUN/begun" 2>/dev/null); do
    # The guard, or this run, has reverted them.
    if [ -e "$RUN/reverted" ] && is_access "$step"; then continue; fi
    undo_step undo
    [ -z "$stuck" ] || { explain; worst=failed; }
  done
  [ -z "$UNITS" ] || systemctl daemon-reload
  for handled in "$RUN"/handled/*; do
    [ ! -e "$handled" ] || mv -f -- "$handled" "$STATE/owed/$NAME/"
  done
  if [ -z "$touched" ]; then
    # No service has seen anything of this run, so none has to take up again what was before; a run before it may still owe.
    settle_own
  elif [ "$worst" = rolled-back ]; then
    for owed in "$STATE/owed/$NAME"/*; do
      [ -e "$owed" ] || continue
      printf '\n== undo %s\n' "${owed##*/}" >>"$RUN/log"
      ( set -e; handler "${owed##*/}" ) >>"$RUN/log" 2>&1 </dev/null || { unit_said "${owed##*/}"; say stuck "${owed##*/}"; explain; worst=failed; continue; }
      rm -f "$owed"
    done
  fi
  clean
  forget_arrivals
  end_generation || worst=failed
  if [ "$worst" = rolled-back ]; then
    disarm
    # What a run before this one left undone is so again.
    if [ -e "$RUN/kept/pending" ]; then rename_synced "$RUN/kept/pending" "$PENDING"; else remove_synced "$PENDING"; fi
    forget_kept_secrets
    say end rolled-back
    exit 5
  fi
  say end failed
  exit 1
}

# undo_step WHY: undoes $step; $stuck says whether that failed. Called as a command of its own: a caller that looks at its
# answer takes the meaning from the set -e in it.
undo_step() {
  stuck=
  printf '\n== %s %s\n' "$1" "$step" >>"$RUN/log"
  ( set -e; undo ) >>"$RUN/log" 2>&1 </dev/null
  case $? in
    0) say undone "$step" ;;
    99) ;;
    *) unit_said "$(step_name "$step")"; say stuck "$step"; stuck=yes ;;
  esac
}

# What is live and not proven does not stay.
stop() {
  load_units
  [ -z "$ARMED" ] || { lock_guard; revert_access; disarm; }
  clean
  forget_kept_secrets
  end_generation
  say end stopped
  exit 130
}

clean() {
  clear_passing
  rm -rf "$RUN/secrets" "$RUN/shadow"
  rm -f /run/systemd/system/foobar-provision-check-*.service
  [ ! -s "$RUN/emptied" ] || xargs -d '\n' rmdir --ignore-fail-on-non-empty -- <"$RUN/emptied" 2>/dev/null
}

# The note stays: a power cut may bring them back.
clear_passing() {
  [ ! -s "$RUN/beside" ] || xargs -d '\n' rm -rf -- <"$RUN/beside"
}

# What was kept to be put back stays for people to read, but for what holds a secret, in its own file or in another's: of this run, and of those
# that were interrupted.
forget_kept_secrets() {
  set -- "$STATE"/runs/*/kept
  known_secrets | grep -rslF -f - "$@" | xargs -r -d '\n' rm -f --
  rm -rf "$STATE"/runs/*/kept/secret-* "$STATE"/runs/*/kept/self-signed-*
}

# What this run has taken its releases from.
forget_arrivals() {
  [ ! -s "$RUN/filled" ] || xargs -d '\n' rm -rf -- <"$RUN/filled"
}
