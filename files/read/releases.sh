# The releases of a site.

# list_releases DOMAIN FOLDER RECORDS: prints the live release, the order in which releases were live, and each release with its record and the
# snapshot of the database before its migrations, newest first by the clock
list_releases() {
  printf '#site %s\t%s\n' "$1" "$(readlink "$2/current")"
  sed 's/^/#turn\t/' "$3/history" 2>/dev/null
  find "$2/releases" -mindepth 1 -maxdepth 1 -type d ! -name '.*' -printf '%T@\t%f\n' 2>/dev/null | sort -rn | while read -r line; do
    printf '#release\t%s\n' "$line"
    name=${line##*	}
    cat "$3/$name/live.json" 2>/dev/null || echo
    cat "$3/${name%.failed}/release.json" 2>/dev/null
    sed 's/^/#snapshot\t/' "$3/$name/snapshot" 2>/dev/null
  done
}
