# What a later boot or run relies on is written by these alone: the content reaches the disk before its name does, and the name before anything
# that builds on it. Each fails as a whole, so that a full disk is an error before what was there is touched.

# sync_tree PATH: a file, or a folder with all that is in it; a link is in its name
sync_tree() {
  if [ -L "$1" ]; then return; fi
  if [ -d "$1" ]; then find "$1" \( -type f -o -type d \) -exec sync -- {} +; else sync -- "$1"; fi
}

# rename_synced NEW PATH: takes the place of what is there; NEW is on the disk already
rename_synced() {
  mv -fT -- "$1" "$2" && sync -- "${2%/*}/"
}

# move_synced NEW PATH: the same for what was just made
move_synced() {
  sync_tree "$1" && rename_synced "$1" "$2"
}

# link_synced PATH TARGET. Where it leads there already nothing is made: a full disk has no room for it.
link_synced() {
  [ "$(readlink -- "$1")" = "$2" ] || { ln -sfn -- "$2" "$1.new" && mv -fT -- "$1.new" "$1"; } || return
  sync -- "${1%/*}/"
}

# remove_synced PATH: no folder
remove_synced() {
  if [ -e "$1" ] || [ -L "$1" ]; then rm -f -- "$1" && sync -- "${1%/*}/"; fi
}

# folder_synced PATH: makes the folder, and those above it, where there are none
folder_synced() {
  [ -d "$1/" ] || { folder_synced "${1%/*}" && mkdir -- "$1" && sync -- "${1%/*}/"; }
}

# write_record FOLDER NAME: standard input, readable by root alone
write_record() {
  ( umask 077 && folder_synced "$1" && cat >"$1/.$2.$$.new" ) && move_synced "$1/.$2.$$.new" "$1/$2" && return
  rm -f -- "$1/.$2.$$.new"
  return 1
}

# rewrite_synced PATH: standard input takes the place of what the file holds; its owner and mode stay
rewrite_synced() {
  cp -a --attributes-only -- "$1" "$1.new" && cat >"$1.new" && move_synced "$1.new" "$1" && return
  rm -f -- "$1.new"
  return 1
}
