# Snapshots of a site's database that runs take before the migrations of a release.

# snapshot_before_release DOMAIN RELEASE KEEP USER SECRET DATABASE OWNER: takes a snapshot before the first migration of a release, and records its id
# with the release. Takes none of an empty database. If an interrupted run has taken one for this release and no other went live since, keeps it.
snapshot_before_release() {
  record=$STATE/releases/$1/$2 turn=$(tail -n 1 "$STATE/releases/$1/history" 2>/dev/null || true) taken='' taken_turn=''
  { read -r taken taken_turn <"$record/snapshot"; } 2>/dev/null || true
  [ -z "$taken" ] || [ "$taken_turn" != "$turn" ] || [ ! -f "$STATE/databases/$1/$taken.sql.gz" ] || return 0
  [ "$(printf "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '%s';" "$6" | sql)" != 0 ] || return 0
  require_room_for_snapshot "$6" || return
  taken=$(date -u +%Y%m%d-%H%M%S)
  take_snapshot "$1" "$taken" "$3" "$4" "$5" "$6" "$7" >/dev/null && printf '%s %s\n' "$taken" "$turn" | write_record "$record" snapshot
}

# snapshot_before_migrations LINK PATHS DOMAIN RELEASE ...: does the same if the files at PATHS, one on each line, are others in this release than in the
# live one. LINK is the link to the live release.
snapshot_before_migrations() {
  coming=${1%/*}/releases/$4 present=${1%/*}/$(readlink "$1" || true) paths=$2
  shift 2
  [ "$(migrations_in "$present")" = "$(migrations_in "$coming")" ] || snapshot_before_release "$@"
}

# migrations_in RELEASE: prints the digests of the files at $paths
migrations_in() {
  printf '%s\n' "$paths" | while IFS= read -r path; do
    ( cd -- "$1" 2>/dev/null && find "./$path" -type f -exec sha256sum -- {} + 2>/dev/null ) || true
  done | sort
}

# require_room_for_snapshot DATABASE: fails if the snapshot might fill the disk. Compression makes a dump at least four times as small.
require_room_for_snapshot() {
  needs=$(printf "SELECT CEIL(COALESCE(SUM(data_length), 0) / 4096) + 65536 FROM information_schema.tables WHERE table_schema = '%s';" "$1" | sql) || return
  free=$(df -Pk "$STATE" | awk 'END { print $4 }')
  [ "${needs%%.*}" -gt "$free" ] || return 0
  printf '%s\n' "A snapshot of $1 may need $((${needs%%.*} / 1024)) MiB in $STATE/databases, and $((free / 1024)) MiB are free. Free some space there, or set database.snapshots to false." >&2
  return 1
}
