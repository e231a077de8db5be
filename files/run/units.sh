# systemd units during a run: units of new packages are held until their configuration is in place.

# Set to `changed` when files of units have changed, which systemd reads only on daemon-reload.
UNITS=

# hold_units UNIT...: prevents the services of new packages from starting before their configuration is in place, by a condition that is never true.
# It disappears with the next boot, even if this run is interrupted.
hold_units() {
  for unit; do
    mkdir -p "/run/systemd/system/$unit.d" &&
      printf '%s\n' '[Unit]' 'ConditionPathExists=/run/foobar-provision.never' >"/run/systemd/system/$unit.d/foobar-provision-hold.conf" || return
  done
  systemctl daemon-reload
}

release_units() {
  held=no
  for hold in /run/systemd/system/*.d/foobar-provision-hold.conf; do
    [ -e "$hold" ] && rm -f "$hold" && held=yes && rmdir --ignore-fail-on-non-empty "${hold%/*}"
  done
  if [ "$held" = yes ] || [ "$UNITS" = changed ]; then systemctl daemon-reload; fi
  [ "$UNITS" != changed ] || UNITS=loaded
}
