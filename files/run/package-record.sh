# What came by us, of packages and of their folders.

# What came by us, named or not, is what we may purge one day: all that was not there before. A run that is cut off leaves the noting to the next.
note_brought() {
  [ -e "$STATE/there" ] || return 0
  list_packages >"$RUN/packages" &&
    { ! [ -e "$STATE/brought" ] || cat "$STATE/brought"; grep -vxF -f "$STATE/there" "$RUN/packages"; } | sort -u >"$RUN/brought" &&
    write_record "$STATE" brought <"$RUN/brought" && remove_synced "$STATE/there"
}

list_packages() {
  dpkg-query -W -f '${Package}\n'
}

remove_unpackaged() {
  [ ! -s "$RUN/packaged" ] || while read -r folder; do
    dpkg-query -S "$folder" >/dev/null 2>&1 || rmdir --ignore-fail-on-non-empty -- "$folder" 2>/dev/null
  done <"$RUN/packaged"
}
