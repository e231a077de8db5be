# The current state of shared folders.

# read_mounted FOLDER LINK...: prints which of these folders are mounted in a release, which then has this link
read_mounted() {
  while [ $# -gt 1 ]; do
    [ ! -L "$2" ] || printf 'mounted\t%s\n' "$1"
    shift 2
  done
}
