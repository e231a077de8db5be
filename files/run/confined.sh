# Commands of the application's own, as what runs beside a site.

# confined USER COMMAND PROPERTY...: a command of the shell's, as what runs beside a site does: its user, and its hardening
confined() {
  confined_user=$1 confined_command=$2
  shift 2
  for property; do
    set -- "$@" "--property=$property"
    shift
  done
  systemd-run --quiet --wait --collect --pipe --property=User="$confined_user" --property=Group="$confined_user" "$@" -- /bin/sh -c "$confined_command"
}

# run_hook RELEASE USER ENVIRONMENT COMMAND PROPERTY...: with the application's rights and within its walls
run_hook() {
  folder=$1 user=$2 environment=$3 hook=$4
  shift 4
  confined "$user" "$hook" "WorkingDirectory=$folder" "EnvironmentFile=$environment" RuntimeMaxSec=1800 "$@"
}
