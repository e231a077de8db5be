# The manifest: what the host remembers about a configuration.

# record_intent HANDLER...: writes the pending handlers and the intended manifest to disk before the first change, so that the next run knows what
# an interrupted run was doing.
record_intent() {
  printf '\n== manifest\n' >>"$RUN/log"
  for handler; do note_pending_handler "$handler" || return; done
  # A hard link takes no room.
  { [ ! -e "$PENDING" ] || ln -f -- "$PENDING" "$RUN/kept/pending"; } &&
    manifest | write_record "$STATE/manifests" "${PENDING##*/}" &&
    sync -- "$STATE/owed/$NAME" "$STATE/owed" "$RUN" "$STATE/runs" "$STATE" "${STATE%/*}"
}

# record_manifest: makes the intended manifest the current one. If the access settings are not live, the manifest says so, and the next run applies
# them. If a site was rolled back, its record stays. If that failed, the intended manifest also stays, so that the next run knows what it may find.
record_manifest() {
  record=manifest file=$PENDING
  [ -z "$HELD" ] || record=manifest_held
  [ -z "$STUCK" ] || file=$MANIFEST
  [ -z "$HELD$LEFT" ] || "$record" | write_record "$STATE/manifests" "${file##*/}" || return
  [ -z "$HELD" ] || say held "$HELD" "$HELD_TEXT"
  [ -n "$STUCK" ] || rename_synced "$PENDING" "$MANIFEST"
}

# forget_configuration: removes the records of a configuration that is removed, and after the last one everything of ours
forget_configuration() {
  rm -f "$MANIFEST"
  rm -rf "${STATE:?}/owed/$NAME"
  rm -f "$STATE/reads/$NAME.all" "$STATE/reads/$NAME.application"
  if [ -z "$(ls -A "$STATE/manifests")" ]; then
    rm -rf "$STATE" "${LOCK%/*}"
    rm -f /var/lib/systemd/timers/stamp-foobar-provision-*.timer
    rmdir --ignore-fail-on-non-empty -p "$SECRETS" 2>/dev/null || true
  fi
}
