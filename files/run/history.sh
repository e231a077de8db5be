# The order in which a site's releases were live.

# history_of SITE: prints a line "NUMBER RELEASE" for each release that was live, in order, with the live one last. The numbers are counted, because
# clocks can be wrong. Without a history, it prints the releases that were recorded as live, in the order of their switches, except $coming.
coming=
history_of() {
  if [ -s "$STATE/releases/${1##*/}/history" ]; then cat "$STATE/releases/${1##*/}/history"; return; fi
  find "$1/releases" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %f\n' | sort -n | while read -r _ known; do
    [ "$known" = "$coming" ] || [ ! -s "$STATE/releases/${1##*/}/$known/live.json" ] || printf '%s\n' "$known"
  done | awk '{ print NR, $1 }'
}

# forget_removed_releases SITE: removes deleted releases from the history. The live one stays last, so counting continues from it.
forget_removed_releases() {
  [ -s "$STATE/releases/${1##*/}/history" ] || return 0
  kept=$(awk 'NR == FNR { stays[$0]; next } $2 in stays' "$RUN/stay" "$STATE/releases/${1##*/}/history")
  [ "$kept" = "$(cat "$STATE/releases/${1##*/}/history")" ] || printf '%s\n' "$kept" | write_record "$STATE/releases/${1##*/}" history
}
