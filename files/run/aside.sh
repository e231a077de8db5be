# What was there before us, kept for its owner as long as ours takes its place.

# The same, for as long as we want it gone: what was there before us comes back when we go.
lay_aside() {
  set_aside "$1" || return
  { [ -e "$1" ] || [ -L "$1" ]; } || return 0
  copy_aside "$1"
}

# What was there before us, once: what a cut run has kept is the owner's, and what lies there now may be ours.
adopt() {
  if [ -e "$STATE/aside$1" ] || [ -L "$STATE/aside$1" ]; then return; fi
  [ -f "$1" ] || [ -L "$1" ] || return 0
  copy_aside "$1"
}

# Whole, or not at all: what is aside is trusted to be the owner's.
copy_aside() {
  ( umask 077 && folder_synced "$STATE/aside${1%/*}" ) && passing "$STATE/aside$1.$ID" && cp -aT -- "$1" "$STATE/aside$1.$ID" && move_synced "$STATE/aside$1.$ID" "$STATE/aside$1"
}

# What took its place is there by now, also after a power cut.
forget_aside() {
  sync -- "${1%/*}/" && remove_synced "$STATE/aside$1"
}

from_aside() {
  beside "$1" && cp -aT -- "$STATE/aside$1" "$new" && keep "$1"
}
