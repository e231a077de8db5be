# SSH access: what may close it is changed last, and reverted by the host itself unless somebody logs in over a new connection.

# Why the access settings of this plan are not live: "refused", "unproven", "failed", "unguarded" or "export", with what was said.
HELD='' HELD_TEXT=''
# What is made now are access settings. Where one of them fails, they alone are reverted.
access_only=
# The host has been told to revert them by itself.
ARMED=

BOOT_GUARD=/etc/systemd/system/foobar-provision-revert.service
BOOT_WANTS=${BOOT_GUARD%/*}/sysinit.target.wants/${BOOT_GUARD##*/}

# A systemd timer decides where this script is dead, and a unit at boot where the host went down. All that they need is on the disk
# before anything changes. Where the host cannot be told, nothing that may close SSH access is changed.
arm() {
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
  disarm
  HELD=unguarded HELD_TEXT='The host could not be told to revert them by itself.'
  return 1
}

# What the guard reads after a power cut, before the file that says so.
sync_run() {
  for each in $ACCESS; do
    [ ! -f "$RUN/kept/$each" ] || [ -L "$RUN/kept/$each" ] || printf '%s\n' "$RUN/kept/$each"
  done | xargs -r -d '\n' sync -- &&
    sync -- "$RUN/script" "$RUN/begun" "$RUN/kept" "$RUN" "$STATE/runs" "$STATE" "${STATE%/*}"
}

disarm() {
  ARMED=''
  remove_synced "$RUN/armed"
  rm -f "$RUN/applied" "$RUN/proven" "$RUN/refused"
  # Another run may be armed, and its unit is the one at boot.
  if grep -qsF "$RUN/script" "$BOOT_GUARD"; then remove_synced "$BOOT_WANTS"; remove_synced "$BOOT_GUARD"; fi
  systemctl stop "foobar-provision-revert-$ID.timer" 2>/dev/null || true
}

# prove: the settings are live. From now on any login over a new connection is the proof; the one who follows this run makes one, or says why
# there is none. The guard alone knows when the time is up.
prove() {
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
  disarm
  exec 8>&-
  [ -z "$HELD" ] || printf '\n== access\n%s\n' "$HELD_TEXT" >>"$RUN/log"
}

await_proof() {
  access_only=
  born >"$RUN/applied.new" && mv -f "$RUN/applied.new" "$RUN/applied"
  say prove "$WITHIN"
  waited=0
  while [ -e "$RUN/armed" ] && [ ! -e "$RUN/proven" ] && [ ! -e "$RUN/refused" ] && [ "$waited" -lt $(((WITHIN + 60) * 5)) ]; do
    sleep 0.2
    waited=$((waited + 1))
  done
}

# The last of the access settings is made, or one has failed.
end_access() {
  access_only=
  [ -z "$HELD" ] || revert_access
}
