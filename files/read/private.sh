# A folder for what a reader keeps for a moment.

private=

# private_folder: makes $private, a folder for secrets that is gone when this shell ends, also where the one who asked has gone away.
# Where it cannot be made, this shell ends. It has the number of its shell in its name: see `leftovers`.
private_folder() {
  [ -z "$private" ] || return 0
  private=$(mktemp -d "/run/foobar-provision-read.$$.XXXXXX") || exit
  trap 'rm -rf "$private"' EXIT
  trap 'exit 141' HUP INT PIPE TERM
}
