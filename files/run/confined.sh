# The application's own commands, run with the same hardening as a site's workers.

# run_confined USER COMMAND PROPERTY...: runs a shell command with a site's user and hardening
run_confined() {
  confined_user=$1 confined_command=$2
  shift 2
  run_words "$confined_user" "$@" -- /bin/sh -c "$confined_command"
}

# run_hook RELEASE USER ENVIRONMENT COMMAND PROPERTY...: runs a hook in the release with the application's rights and hardening
run_hook() {
  folder=$1 user=$2 environment=$3 hook=$4
  shift 4
  run_words "$user" "WorkingDirectory=$folder" "EnvironmentFile=$environment" RuntimeMaxSec=1800 "$@" -- \
    /usr/local/lib/foobar-provision/enter "${folder%/current}" /bin/sh -c "$hook" && return
  set -- "$?"
  printf '%s\n' "This command ended with exit status $1: $hook"
  return "$1"
}

# run_words USER PROPERTY... -- WORD...: runs a program as a transient unit
run_words() {
  confined_user=$1
  shift
  count=$#
  while [ "$1" != -- ]; do
    set -- "$@" "--property=$1"
    shift
    count=$((count - 1))
  done
  # The words come first now, and the properties after them.
  while [ "$count" -gt 0 ]; do
    set -- "$@" "$1"
    shift
    count=$((count - 1))
  done
  systemd-run --quiet --wait --collect --pipe --property=User="$confined_user" --property=Group="$confined_user" "$@"
}
