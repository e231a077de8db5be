# Checkers: each sees copies of its folders in a mount namespace of its own, with the staged files in place.

can_shadow() {
  [ -r "$SELF" ] && unshare -m true 2>/dev/null
}

shadow() {
  for root; do
    [ -d "$root" ] || continue
    copy=$RUN/shadow$root
    mkdir -p "$copy" && cp -a "$root/." "$copy" && mount --bind "$copy" "$root" || return
  done
}

check() {
  say check "$2"
  printf '\n== check %s\n' "$2" >>"$RUN/log"
  unshare -m sh "$SELF" check "$1" >>"$RUN/log" 2>&1 </dev/null
  rc=$?
  rm -rf "$RUN/shadow"
  [ "$rc" = 0 ] || fail "check $2" "$rc"
}

# has_walls UNIT: whether systemd knows it
has_walls() {
  [ -d /run/systemd/system ] && [ -n "$(systemctl show --property=FragmentPath --value "$1" 2>/dev/null)" ]
}

# in_walls UNIT COMMAND ROOT...: what `check` runs, as what systemd makes of the unit would be: its user, its rights, and its view of the system. The
# staged files are those of the unit too, and the checker sees them in these folders. COMMAND is quoted for a unit.
in_walls() {
  walled=$1 walled_command=$2 checked=foobar-provision-check-$ID-$step.service
  shift 2
  {
    for part in "$(systemctl show --property=FragmentPath --value "$walled")" \
      "/usr/lib/systemd/system/$walled.d"/*.conf "/run/systemd/system/$walled.d"/*.conf "/etc/systemd/system/$walled.d"/*.conf; do
      [ ! -e "$part" ] || awk '/^\[/ { ours = $0 ~ /^\[Service\]/ } ours; END { print "" }' "$part"
    done
    printf '%s\n' '[Service]' Type=oneshot Restart=no RemainAfterExit=no PIDFile= NotifyAccess=none RuntimeDirectoryPreserve=yes TimeoutStartSec=120 \
      ExecCondition= ExecStartPre= ExecStart= ExecStartPost= ExecReload= ExecStop= ExecStopPost= "ExecStart=/bin/sh -c \"$walled_command\"" \
      "StandardOutput=truncate:$RUN/checked" StandardError=inherit
    for root; do
      [ ! -d "$RUN/shadow$root" ] || printf 'BindReadOnlyPaths=%s:%s\n' "$RUN/shadow$root" "$root"
    done
  } >"/run/systemd/system/$checked"
  systemctl start "$checked" 2>/dev/null
  answered=$?
  # Where it did not get as far as the checker, systemd says why.
  if [ "$answered" != 0 ] && [ ! -s "$RUN/checked" ]; then journalctl --no-pager -o cat -n 12 -u "$checked"; else cat "$RUN/checked"; fi
  rm -f "/run/systemd/system/$checked" "$RUN/checked"
  systemctl reset-failed "$checked" 2>/dev/null
  return "$answered"
}
