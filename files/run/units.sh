# Units of systemd around a run: those that a package brings are held until their configuration is in place.

# Whether files of units have changed, which systemd reads only when it is told to.
UNITS=

# A service that a package brings is started by us, once, with its configuration in place: until then a condition
# that cannot hold makes starting it do nothing. It is gone with the next boot whatever happens to this run.
hold_units() {
  for unit; do
    mkdir -p "/run/systemd/system/$unit.d" &&
      printf '%s\n' '[Unit]' 'ConditionPathExists=/run/foobar-provision.never' >"/run/systemd/system/$unit.d/foobar-provision-hold.conf" || return
  done
  systemctl daemon-reload
}

load_units() {
  held=no
  for hold in /run/systemd/system/*.d/foobar-provision-hold.conf; do
    [ -e "$hold" ] && rm -f "$hold" && held=yes && rmdir --ignore-fail-on-non-empty "${hold%/*}"
  done
  if [ "$held" = yes ] || [ "$UNITS" = changed ]; then systemctl daemon-reload; fi
  [ "$UNITS" != changed ] || UNITS=loaded
}
