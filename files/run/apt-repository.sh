# apt repositories.

# add_repository NAME SOURCES KEY
add_repository() {
  back_up_repository "$1" && write_public_file "/etc/apt/keyrings/$1.asc" "$3" && write_public_file "/etc/apt/sources.list.d/$1.sources" "$2" && UPDATE=yes LISTS='' ADDED="$ADDED $1"
}

# write_public_file PATH TEXT: writes a file that everybody may read
write_public_file() {
  prepare_staging "$1" && printf '%s' "$2" >"$new.laid" && move_synced "$new.laid" "$1"
}

back_up_repository() {
  for kept in "/etc/apt/keyrings/$1.asc" "/etc/apt/sources.list.d/$1.sources"; do
    prepare_staging "$kept" && back_up "$kept" "${kept##*/}" || return
  done
  note_created "$1"
}

remove_repository() {
  back_up_repository "$1" && remove_synced "/etc/apt/keyrings/$1.asc" && remove_synced "/etc/apt/sources.list.d/$1.sources" && UPDATE=yes LISTS=
}

restore_repository() {
  was_created "$1" || return 0
  for kept in "/etc/apt/keyrings/$1.asc" "/etc/apt/sources.list.d/$1.sources"; do
    restore_file "$kept" "${kept##*/}" || return
  done
}
