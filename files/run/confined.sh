# The application's own commands, run with the same hardening as a site's workers.

# run_confined USER COMMAND PROPERTY...: runs a shell command with a site's user and hardening
run_confined() {
  confined_user=$1 confined_command=$2
  shift 2
  for property; do
    set -- "$@" "--property=$property"
    shift
  done
  systemd-run --quiet --wait --collect --pipe --property=User="$confined_user" --property=Group="$confined_user" "$@" -- /bin/sh -c "$confined_command"
}

# run_hook RELEASE USER ENVIRONMENT COMMAND PROPERTY...: runs a hook in the release with the application's rights and hardening
run_hook() {
  folder=$1 user=$2 environment=$3 hook=$4
  shift 4
  run_confined "$user" "$hook" "WorkingDirectory=$folder" "EnvironmentFile=$environment" RuntimeMaxSec=1800 "$@"
}
