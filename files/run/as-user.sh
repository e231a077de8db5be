# Commands with the rights of somebody else.

# as_user USER SECONDS COMMAND...: with nothing but this user's rights, and not for ever. Another process of that user's may look into this one,
# stop it, and take what it has open: the run's journal and its locks are not among that.
as_user() {
  user=$1 seconds=$2
  shift 2
  timeout --kill-after=5 "$seconds" setpriv --reuid="$user" --regid="$user" --clear-groups --inh-caps=-all -- "$@" </dev/null 3>&- 8>&- 9>&-
}
