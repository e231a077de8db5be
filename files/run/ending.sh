# How a run ends: committed, rolled back, or stopped. `touched` says whether a service may have seen any of its changes.

commit() {
  release_units
  printf '\n== manifest\n' >>"$RUN/log"
  # If this run is killed from here on, the next plan may find no change. This file makes it find a leftover, so that releases are pruned.
  true >"$RUN/unpruned"
  { note_installed_packages && end_generation && record_manifest; } 2>>"$RUN/log" || fail manifest 1
  clean_up
  remove_package_folders
  remove_secret_backups
  prune_releases
  remove_used_uploads
  rm -f "$RUN/unpruned"
  # Keep the last ten runs. If the clock was set back, earlier runs must not appear newer than this one.
  find "$STATE/runs" -mindepth 1 -maxdepth 1 ! -name "$ID" -newer "$RUN" -exec touch -r "$RUN/log" {} +
  # shellcheck disable=SC2012 # the names are ours
  ls -1t "$STATE/runs" | tail -n +11 | while read -r old; do rm -rf "${STATE:?}/runs/$old"; done
  if [ -n "$LEFT" ]; then say end partial; else say end ok; fi
}

roll_back() {
  release_units
  worst=rolled-back
  # The restored files may need their room.
  rm -rf "$RUN/shadow"
  # From here on, this run reverts the access settings instead of the guard. If it fails to, the guard tries again.
  [ -z "$ARMED" ] || lock_guard
  # shellcheck disable=SC2013 # they are numbers
  for step in $(sort -rnu "$RUN/begun" 2>/dev/null); do
    # The guard or this run has already reverted them.
    if [ -e "$RUN/reverted" ] && is_access_step "$step"; then continue; fi
    ! is_left_out "$step" || continue
    undo_step undo
    [ -z "$stuck" ] || { explain; worst=failed; }
  done
  [ -z "$UNITS" ] || systemctl daemon-reload
  for handled in "$RUN"/handled/*; do
    forget_handled "$handled"
  done
  if [ -z "$touched" ]; then
    # No service has seen any change of this run, so none needs to be reloaded, except for handlers that an earlier run has left pending.
    clear_own_handlers
  elif [ "$worst" = rolled-back ]; then
    for owed in "$STATE/owed/$NAME"/*; do
      [ -e "$owed" ] || continue
      if repeat_handler "${owed##*/}"; then rm -f "$owed"; else worst=failed; fi
    done
  fi
  clean_up
  remove_used_uploads
  end_generation || worst=failed
  if [ "$worst" = rolled-back ]; then
    disarm_guard
    # Restore what an earlier run had left pending.
    if [ -e "$RUN/kept/pending" ]; then rename_synced "$RUN/kept/pending" "$PENDING"; else remove_synced "$PENDING"; fi
    remove_secret_backups
    say end rolled-back
    exit 5
  fi
  say end failed
  exit 1
}

# undo_step WHY: undoes $step, and sets $stuck if that failed. Call it as a plain command: in a condition, the set -e in it would have no effect.
undo_step() {
  stuck=
  printf '\n== %s %s\n' "$1" "$step" >>"$RUN/log"
  ( set -e; undo ) >>"$RUN/log" 2>&1 </dev/null
  case $? in
    0) say undone "$step" ;;
    99) ;;
    *) log_unit_output "$(step_name "$step")"; say stuck "$step"; stuck=yes ;;
  esac
}

# stop_run: ends the run early, and reverts access settings that are not proven
stop_run() {
  release_units
  [ -z "$ARMED" ] || { lock_guard; revert_access; disarm_guard; }
  clean_up
  remove_secret_backups
  end_generation
  say end stopped
  exit 130
}

clean_up() {
  remove_temporary_paths
  rm -rf "$RUN/secrets" "$RUN/shadow"
  rm -f /run/systemd/system/foobar-provision-check-*.service
  [ ! -s "$RUN/emptied" ] || xargs -d '\n' rmdir --ignore-fail-on-non-empty -- <"$RUN/emptied" 2>/dev/null
}

# remove_temporary_paths: removes what `note_temporary` has noted. The note stays, because a power cut may bring the files back.
remove_temporary_paths() {
  [ ! -s "$RUN/beside" ] || xargs -d '\n' rm -rf -- <"$RUN/beside"
}

# remove_secret_backups: removes all backups that contain a secret, of this run and of interrupted ones. Other backups stay for people to read.
remove_secret_backups() {
  set -- "$STATE"/runs/*/kept
  known_secrets | grep -rslF -f - "$@" | xargs -r -d '\n' rm -f --
  rm -rf "$STATE"/runs/*/kept/secret-* "$STATE"/runs/*/kept/self-signed-*
}

# remove_used_uploads: removes the uploads from which this run has created its releases
remove_used_uploads() {
  [ ! -s "$RUN/filled" ] || xargs -d '\n' rm -rf -- <"$RUN/filled"
}
