# A command that a person runs in a site.

# run_in_site UNIT OPTION... -- PROGRAM ARGUMENT...: runs a program as a transient unit, connected to this script's input and output. Exits with its
# exit code. When the connection is lost, or the caller gives up, the unit is stopped.
run_in_site() {
  unit=$1
  shift
  trap 'systemctl stop --no-block "$unit"' HUP TERM
  # Without these, systemd colors the background and changes the window's title.
  SYSTEMD_TINT_BACKGROUND=0 SYSTEMD_ADJUST_TERMINAL_TITLE=0 systemd-run --quiet --wait --collect --unit="$unit" "$@"
}
