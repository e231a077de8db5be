# Takes and lists snapshots: copies of a site's database that are taken before it is replaced or migrated, and kept on the host.

# take_snapshot DOMAIN ID KEEP USER SECRET DATABASE OWNER: writes a dump, prints its path, and removes all but the newest KEEP
take_snapshot() {
  kept=$STATE/databases/$1 file=$STATE/databases/$1/$2.sql.gz keep=$3
  shift 3
  ( umask 077 && folder_synced "$kept" ) || return
  # Remove incomplete snapshots of interrupted commands.
  rm -f -- "$kept"/*.new
  if ! { ( umask 077 && compressed 1 print_dump "$@" >"$file.new" ) && move_synced "$file.new" "$file"; }; then
    rm -f -- "$file.new"
    return 1
  fi
  printf '%s\n' "$file"
  list_snapshots "${kept##*/}" | tail -n "+$((keep + 1))" | while read -r old _; do rm -f -- "$kept/$old.sql.gz"; done
}

# list_snapshots DOMAIN: prints the id and the size in bytes of each snapshot, newest first
list_snapshots() {
  find "$STATE/databases/$1" -maxdepth 1 -name '*.sql.gz' -printf '%f %s\n' 2>/dev/null | sed 's/\.sql\.gz / /' | sort -r
}
