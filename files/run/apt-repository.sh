# apt repositories.

# add_repository NAME SOURCES KEY
add_repository() {
  keep_repository "$1" && lay "/etc/apt/keyrings/$1.asc" "$3" && lay "/etc/apt/sources.list.d/$1.sources" "$2" && UPDATE=yes LISTS=
}

# lay PATH TEXT: a file that everybody may read, without a look at what it is
lay() {
  beside "$1" && printf '%s' "$2" >"$new.laid" && move_synced "$new.laid" "$1"
}

keep_repository() {
  for kept in "/etc/apt/keyrings/$1.asc" "/etc/apt/sources.list.d/$1.sources"; do
    beside "$kept" && keep "$kept" "${kept##*/}" || return
  done
  made "$1"
}

drop_repository() {
  keep_repository "$1" && remove_synced "/etc/apt/keyrings/$1.asc" && remove_synced "/etc/apt/sources.list.d/$1.sources" && UPDATE=yes LISTS=
}

restore_repository() {
  was_made "$1" || return 0
  for kept in "/etc/apt/keyrings/$1.asc" "/etc/apt/sources.list.d/$1.sources"; do
    restore_file "$kept" "${kept##*/}" || return
  done
}
