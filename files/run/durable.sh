# Everything that a later boot or run relies on is written with these functions: the content reaches the disk before its name, and the name before
# anything that depends on it. Each is atomic, so that a full disk is an error before anything existing has changed.

# sync_tree PATH: syncs a file, or a folder with everything in it. A link needs only its folder synced.
sync_tree() {
  if [ -L "$1" ]; then return; fi
  if [ -d "$1" ]; then find "$1" \( -type f -o -type d \) -exec sync -- {} +; else sync -- "$1"; fi
}

# rename_synced NEW PATH: renames NEW, which is on the disk already, to PATH, and replaces what is there
rename_synced() {
  mv -fT -- "$1" "$2" && sync -- "${2%/*}/"
}

# move_synced NEW PATH: does the same for a file that was just written
move_synced() {
  sync_tree "$1" && rename_synced "$1" "$2"
}

# link_synced PATH TARGET: creates or replaces a link. A correct link stays, because a full disk has no room for another.
link_synced() {
  [ "$(readlink -- "$1")" = "$2" ] || { ln -sfn -- "$2" "$1.new" && mv -fT -- "$1.new" "$1"; } || return
  sync -- "${1%/*}/"
}

# remove_synced PATH: removes a file or a link
remove_synced() {
  if [ -e "$1" ] || [ -L "$1" ]; then rm -f -- "$1" && sync -- "${1%/*}/"; fi
}

# folder_synced PATH: creates a folder and its missing parents
folder_synced() {
  [ -d "$1/" ] || { folder_synced "${1%/*}" && mkdir -- "$1" && sync -- "${1%/*}/"; }
}

# write_record FOLDER NAME: writes standard input to a file that only root can read
write_record() {
  read -r this_boot </proc/sys/kernel/random/boot_id
  # After a boot, other processes have the ids of earlier ones.
  record_new=$1/.$2.${this_boot%%-*}.$$.new
  ( umask 077 && folder_synced "$1" && cat >"$record_new" ) && move_synced "$record_new" "$1/$2" && return
  rm -f -- "$record_new"
  return 1
}

# rewrite_synced PATH: replaces a file's content with standard input, and keeps its owner and mode
rewrite_synced() {
  cp -a --attributes-only -- "$1" "$1.new" && cat >"$1.new" && move_synced "$1.new" "$1" && return
  rm -f -- "$1.new"
  return 1
}
