# Which releases of a site were live, and in which order.

# The order in which releases were live is counted on the host and told by no clock: a line "NUMBER RELEASE" each, the live one last.
# Where nothing was counted yet, the releases that were recorded as live, in the order of their switches, but for the one that is to be.
coming=
history_of() {
  if [ -s "$STATE/releases/${1##*/}/history" ]; then cat "$STATE/releases/${1##*/}/history"; return; fi
  find "$1/releases" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %f\n' | sort -n | while read -r _ known; do
    [ "$known" = "$coming" ] || [ ! -s "$STATE/releases/${1##*/}/$known/live.json" ] || printf '%s\n' "$known"
  done | awk '{ print NR, $1 }'
}

# The history forgets releases that are there no more; the live one is last, so the count goes on.
forget_gone() {
  [ -s "$STATE/releases/${1##*/}/history" ] || return 0
  kept=$(awk 'NR == FNR { stays[$0]; next } $2 in stays' "$RUN/stay" "$STATE/releases/${1##*/}/history")
  [ "$kept" = "$(cat "$STATE/releases/${1##*/}/history")" ] || printf '%s\n' "$kept" | write_record "$STATE/releases/${1##*/}" history
}
