# SSH access: changes that may close it come last, and the host itself reverts them unless somebody logs in over a new connection.

# The reason why this plan's access settings are not live: "refused", "unproven", "failed", "unguarded" or "export", with an explanation.
HELD='' HELD_TEXT=''
# Set while the run applies access settings. If one of them fails, only they are reverted.
access_only=
# Set once the guard is armed.
ARMED=

BOOT_GUARD=/etc/systemd/system/foobar-provision-revert.service
BOOT_WANTS=${BOOT_GUARD%/*}/sysinit.target.wants/${BOOT_GUARD##*/}

# arm_guard: starts the guard: a systemd timer in case this script dies, and a unit at boot in case the host goes down. Everything that they need is
# on the disk before anything changes. If it fails, nothing that may close SSH access is changed.
arm_guard() {
  printf '\n== %s\n' 'telling the host to revert SSH and firewall settings by itself' >>"$RUN/log"
  {
    { [ -e "$RUN/script" ] || write_record "$RUN" script <"$SELF"; } && sync_run && true >"$RUN/armed" && sync -- "$RUN" &&
      printf '%s\n' '[Unit]' 'Description=foobar-provision, reverts SSH and firewall settings that nobody has proven' 'DefaultDependencies=no' 'After=local-fs.target' 'Before=network-pre.target nftables.service ssh.service ssh.socket' \
        '[Service]' 'Type=oneshot' "ExecStart=/bin/sh $RUN/script guard boot" >"$BOOT_GUARD.new" &&
      move_synced "$BOOT_GUARD.new" "$BOOT_GUARD" &&
      folder_synced "${BOOT_WANTS%/*}" && link_synced "$BOOT_WANTS" "$BOOT_GUARD" &&
      systemd-run --quiet --collect --unit="foobar-provision-revert-$ID" --description="foobar-provision, reverts what nobody has proven" --on-active="${WITHIN}s" --timer-property=AccuracySec=1s -- /bin/sh "$RUN/script" guard timer
  } >>"$RUN/log" 2>&1 </dev/null && { ARMED=yes access_only=yes; return; }
  explain
  rm -f "$BOOT_GUARD.new"
  disarm_guard
  HELD=unguarded HELD_TEXT='The host could not be told to revert them by itself.'
  return 1
}

# sync_run: syncs what the guard reads after a power cut, before the file that arms it
sync_run() {
  for each in $ACCESS; do
    [ ! -f "$RUN/kept/$each" ] || [ -L "$RUN/kept/$each" ] || printf '%s\n' "$RUN/kept/$each"
  done | xargs -r -d '\n' sync -- &&
    sync -- "$RUN/script" "$RUN/begun" "$RUN/kept" "$RUN" "$STATE/runs" "$STATE" "${STATE%/*}"
}

disarm_guard() {
  ARMED=''
  remove_synced "$RUN/armed"
  rm -f "$RUN/applied" "$RUN/proven" "$RUN/refused"
  # The unit at boot may belong to another run.
  if grep -qsF "$RUN/script" "$BOOT_GUARD"; then remove_synced "$BOOT_WANTS"; remove_synced "$BOOT_GUARD"; fi
  systemctl stop "foobar-provision-revert-$ID.timer" 2>/dev/null || true
}

# require_proof: waits until a login over a new connection has proven the settings, which are live now. The client that follows this run logs in, or
# reports why it could not. Only the guard decides when the time is up.
require_proof() {
  [ -n "$HELD" ] || await_proof
  lock_guard
  if [ "$HELD" = failed ]; then
    end_access
  elif [ ! -e "$RUN/armed" ]; then
    HELD=unproven HELD_TEXT="Nobody logged in over a new connection within $WITHIN s."
  elif [ -e "$RUN/proven" ]; then
    say proven
  else
    HELD=unproven HELD_TEXT="Nobody logged in over a new connection within $WITHIN s."
    if [ -s "$RUN/refused" ]; then read -r HELD_TEXT <"$RUN/refused" && HELD=refused; fi
    revert_access
  fi
  disarm_guard
  exec 8>&-
  [ -z "$HELD" ] || printf '\n== access\n%s\n' "$HELD_TEXT" >>"$RUN/log"
}

await_proof() {
  access_only=
  process_clock >"$RUN/applied.new" && mv -f "$RUN/applied.new" "$RUN/applied"
  say prove "$WITHIN"
  waited=0
  while [ -e "$RUN/armed" ] && [ ! -e "$RUN/proven" ] && [ ! -e "$RUN/refused" ] && [ "$waited" -lt $(((WITHIN + 60) * 5)) ]; do
    sleep 0.2
    waited=$((waited + 1))
  done
}

# end_access: ends the access settings, all of which are applied unless one has failed
end_access() {
  access_only=
  [ -z "$HELD" ] || revert_access
}
