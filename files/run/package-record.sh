# The packages that we have installed, and their folders.

# note_installed_packages: notes all packages that came with our transaction, including dependencies, because we may purge only these later.
# After an interrupted run, the next one does this. The host has both lists in $STATE/there (before us) and $STATE/brought (by us).
note_installed_packages() {
  [ -e "$STATE/there" ] || return 0
  list_packages >"$RUN/packages" &&
    { ! [ -e "$STATE/brought" ] || cat "$STATE/brought"; grep -vxF -f "$STATE/there" "$RUN/packages"; } | sort -u >"$RUN/brought" &&
    write_record "$STATE" brought <"$RUN/brought" && remove_synced "$STATE/there"
}

list_packages() {
  dpkg-query -W -f '${Package}\n'
}

remove_package_folders() {
  [ ! -s "$RUN/packaged" ] || while read -r folder; do
    dpkg-query -S "$folder" >/dev/null 2>&1 || rmdir --ignore-fail-on-non-empty -- "$folder" 2>/dev/null
  done <"$RUN/packaged"
}
