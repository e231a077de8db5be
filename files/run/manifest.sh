# What the host remembers of a configuration.

# intend HANDLER...: what the run owes, and the intent, are on disk before the first change, so that a run that is interrupted is known for what it was.
intend() {
  printf '\n== manifest\n' >>"$RUN/log"
  for handler; do owe "$handler" || return; done
  # A second name, which takes no room.
  { [ ! -e "$PENDING" ] || ln -f -- "$PENDING" "$RUN/kept/pending"; } &&
    manifest | write_record "$STATE/manifests" "${PENDING##*/}" &&
    sync -- "$STATE/owed/$NAME" "$STATE/owed" "$RUN" "$STATE/runs" "$STATE" "${STATE%/*}"
}

# What the host remembers of this run. Where the access settings are not live, it says so, and the next command makes them.
record() {
  if [ -n "$HELD" ]; then
    manifest_held | write_record "$STATE/manifests" "${PENDING##*/}" || return
    say held "$HELD" "$HELD_TEXT"
  fi
  rename_synced "$PENDING" "$MANIFEST"
}

# After the last of a configuration its record goes; after the last configuration, all that is ours.
farewell() {
  rm -f "$MANIFEST"
  rm -rf "${STATE:?}/owed/$NAME"
  if [ -z "$(ls -A "$STATE/manifests")" ]; then
    rm -rf "$STATE" "${LOCK%/*}"
    rm -f /var/lib/systemd/timers/stamp-foobar-provision-*.timer
    rmdir --ignore-fail-on-non-empty -p "$SECRETS" 2>/dev/null || true
  fi
}
