# Commands with another user's rights.

# as_user USER SECONDS COMMAND...: runs a command with only this user's rights and a timeout. Other processes of the user may inspect it, stop it
# and use its open files, so the run's journal and locks are closed.
as_user() {
  user=$1 seconds=$2
  shift 2
  timeout --kill-after=5 "$seconds" setpriv --reuid="$user" --regid="$user" --clear-groups --inh-caps=-all -- "$@" </dev/null 3>&- 8>&- 9>&-
}
