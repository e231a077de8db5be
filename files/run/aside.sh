# Copies of pre-existing files that our configuration replaces or removes. They are in $STATE/aside on the host.

# set_aside_original PATH: stages the removal of a pre-existing file, and keeps a copy to restore when our configuration is removed
set_aside_original() {
  stage_removal "$1" || return
  { [ -e "$1" ] || [ -L "$1" ]; } || return 0
  copy_original "$1"
}

# keep_original PATH: copies a pre-existing file unless there is a copy: that one is the original, and the present file may be ours
keep_original() {
  if [ -e "$STATE/aside$1" ] || [ -L "$STATE/aside$1" ]; then return; fi
  [ -f "$1" ] || [ -L "$1" ] || return 0
  copy_original "$1"
}

# copy_original PATH: copies a file atomically, because whatever is in the folder counts as the original
copy_original() {
  ( umask 077 && folder_synced "$STATE/aside${1%/*}" ) && note_temporary "$STATE/aside$1.$ID" && cp -aT -- "$1" "$STATE/aside$1.$ID" && move_synced "$STATE/aside$1.$ID" "$STATE/aside$1"
}

# forget_original PATH: removes the copy, after the file that replaces it is on the disk
forget_original() {
  sync -- "${1%/*}/" && remove_synced "$STATE/aside$1"
}

stage_original() {
  prepare_staging "$1" && cp -aT -- "$STATE/aside$1" "$new" && back_up "$1"
}
