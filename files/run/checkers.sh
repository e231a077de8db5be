# Checkers: each runs in its own mount namespace with copies of its folders, in which the staged files are in place.

can_mount_copies() {
  [ -r "$SELF" ] && unshare -m true 2>/dev/null
}

mount_copies() {
  for root; do
    [ -d "$root" ] || continue
    copy=$RUN/shadow$root
    mkdir -p "$copy" && cp -a "$root/." "$copy" && mount --bind "$copy" "$root" || return
  done
}

# check CHECKER NAME [SITE...]: runs a checker on the staged files. If it fails, rolls back those of the sites whose files are the reason, or else the run.
check() {
  say check "$2"
  inspect_without "$1" "$2" "$LEFT"
  [ "$rc" = 0 ] || find_faulty_sites "$@"
}

# inspect_without CHECKER NAME PARTS: runs a checker on the staged files, except those of some parts, and sets `rc`
inspect_without() {
  printf '\n== check %s\n' "$2" >>"$RUN/log"
  unshare -m sh "$SELF" check "$1" "$3" >>"$RUN/log" 2>&1 </dev/null
  rc=$?
  rm -rf "$RUN/shadow"
}

# find_faulty_sites CHECKER NAME SITE...: rolls back the sites whose files make a checker fail. It adds one site after the other to what they share. If the
# checker fails without any site, the run is rolled back.
find_faulty_sites() {
  checker=$1 name=$2 waiting=
  shift 2
  for each; do
    is_left "$each" || waiting="$waiting $each"
  done
  [ -z "$waiting" ] || inspect_without "$checker" "$name" "$LEFT -$waiting"
  if [ "$rc" != 0 ]; then fail "check $name" "$rc"; return; fi
  any=
  while [ -n "$waiting" ]; do
    waiting=${waiting# }
    candidate=${waiting%% *}
    waiting=${waiting#"$candidate"}
    inspect_without "$checker" "$name" "$LEFT -$waiting"
    [ "$rc" != 0 ] || continue
    any=yes
    say fail "check $name" "$rc"
    explain
    roll_back_site "$candidate"
  done
  [ -n "$any" ] || fail "check $name" 1
}

# is_known_unit UNIT: succeeds if systemd knows the unit
is_known_unit() {
  [ -d /run/systemd/system ] && [ -n "$(systemctl show --property=FragmentPath --value "$1" 2>/dev/null)" ]
}

# check_in_unit UNIT COMMAND ROOT...: runs a checker as systemd would run the unit: with its user, its rights and its view of the system, including
# staged files of the unit itself. The checker sees the staged files in these folders. COMMAND is quoted for a unit.
check_in_unit() {
  checked_unit=$1 check_command=$2 checked=foobar-provision-check-$ID-$step.service
  shift 2
  {
    for part in "$(systemctl show --property=FragmentPath --value "$checked_unit")" \
      "/usr/lib/systemd/system/$checked_unit.d"/*.conf "/run/systemd/system/$checked_unit.d"/*.conf "/etc/systemd/system/$checked_unit.d"/*.conf; do
      [ ! -e "$part" ] || awk '/^\[/ { ours = $0 ~ /^\[Service\]/ } ours; END { print "" }' "$part"
    done
    printf '%s\n' '[Service]' Type=oneshot Restart=no RemainAfterExit=no PIDFile= NotifyAccess=none RuntimeDirectoryPreserve=yes TimeoutStartSec=120 \
      ExecCondition= ExecStartPre= ExecStart= ExecStartPost= ExecReload= ExecStop= ExecStopPost= "ExecStart=/bin/sh -c \"$check_command\"" \
      "StandardOutput=truncate:$RUN/checked" StandardError=inherit
    for root; do
      [ ! -d "$RUN/shadow$root" ] || printf 'BindReadOnlyPaths=%s:%s\n' "$RUN/shadow$root" "$root"
    done
  } >"/run/systemd/system/$checked"
  systemctl start "$checked" 2>/dev/null
  check_code=$?
  # If the checker did not start, print systemd's reason.
  if [ "$check_code" != 0 ] && [ ! -s "$RUN/checked" ]; then journalctl --no-pager -o cat -n 12 -u "$checked"; else cat "$RUN/checked"; fi
  rm -f "/run/systemd/system/$checked" "$RUN/checked"
  systemctl reset-failed "$checked" 2>/dev/null
  return "$check_code"
}
