# Changes that a later boot or run relies on, made together: one process for all, and one sync for all that do not depend on each other. A command
# prints them with the functions queue_…; files/run/changes.pl says what each is.

# change_durably COMMAND...: makes the changes that the command prints, and those before a `queue_sync` reach the disk before those after it
change_durably() {
  { "$@"; printf 'end\0\0\0'; } | make_changes
}

# queue_file PATH LINE...
queue_file() {
  printf 'file\0%s\0' "$1"
  shift
  [ $# = 0 ] || printf '%s\n' "$@"
  printf '\0'
}

queue_link() {
  printf 'link\0%s\0%s\0' "$1" "$2"
}

queue_removal() {
  printf 'remove\0%s\0\0' "$1"
}

queue_folder() {
  printf 'folder\0%s\0\0' "$1"
}

queue_sync() {
  printf 'sync\0\0\0'
}
