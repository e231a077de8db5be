# A private temporary folder for readers.

private=

# private_folder: creates $private, a folder for secrets that is removed when this shell ends, even if the client has disconnected.
# If it cannot be created, this shell ends. Its name contains the shell's process id: see `leftovers`.
private_folder() {
  [ -z "$private" ] || return 0
  private=$(mktemp -d "/run/foobar-provision-read.$$.XXXXXX") || exit
  trap 'rm -rf "$private"' EXIT
  trap 'exit 141' HUP INT PIPE TERM
}
