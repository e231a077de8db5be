# The switch: a release, its docroot and its rules go live by one rename, and what it left is noted.

# record_release LINK RELEASE TEXT NEED...: what goes back with this release when it is gone back to, and the names of what it cannot run without
record_release() {
  record=${1%/*}
  before=$RUN/kept/record-${record##*/}-$2 record=$STATE/releases/${record##*/}/$2
  if [ ! -e "$before" ]; then
    mkdir -p "$before"
    for known in "$record/live.json" "$record/needs"; do [ ! -e "$known" ] || cp -a -- "$known" "$before/"; done
  fi
  text=$3
  shift 3
  for need; do printf '%s\n' "$need"; done | write_record "$record" needs
  printf '%s\n' "$text" | write_record "$record" live.json
}

# unrecord_release LINK RELEASE: as it was recorded before
unrecord_release() {
  record=${1%/*}
  before=$RUN/kept/record-${record##*/}-$2 record=$STATE/releases/${record##*/}/$2
  [ -d "$before" ] || return 0
  rm -f -- "$record/live.json" "$record/needs"
  cp -a -- "$before/." "$record/"
  sync_tree "$record"
}

# switch_release LINK TARGET SOCKET KEEP DOCROOT [RULES VERSION]: KEEP is 0 where a switch is undone. DOCROOT is the folder that nginx serves; its
# link is what visitors see, so the release and its docroot are theirs by one rename. RULES is the link to how nginx serves it. Where that turns,
# nginx's workers of before stay with what was live until they have gone, and those that come have both.
switch_release() {
  site=${1%/*} left=$(readlink "$1" || true) coming=${2##*/} rules=${6:-} turns=
  if [ -n "$rules" ] && [ "$(readlink "$rules")" != "$7" ]; then turns=yes; fi
  if [ -n "$turns" ]; then
    owe reload:nginx.service
    [ ! -d "$rules" ] || stay_behind "$site" "$(readlink -f "$rules")"
  fi
  [ "$4" = 0 ] || note_keep "$site" "$4"
  # A run that was killed between a switch and the note of it.
  [ "$4" = 0 ] || [ -z "$left" ] || note_live "$site" "${left##*/}"
  if [ -n "$3" ]; then link_synced "$site/$2.sock" "$3"; else remove_synced "$site/$2.sock"; fi
  [ "$4" = 0 ] || note_previous "$site" "$2"
  if [ -n "$5" ]; then link_synced "$site/docroot" "$5"
  elif [ "$4" = 0 ]; then remove_synced "$site/docroot"; fi
  # Also where they stay: a run that was killed may have left them behind.
  if [ -n "$rules" ]; then follow_live "$site" "${rules%/*}/$7"; fi
  if [ -n "$turns" ]; then link_synced "$rules" "$7"; fi
  if [ -n "$rules" ] && [ -e "$STATE/owed/$NAME/reload:nginx.service" ]; then reload_nginx; fi
  link_synced "$1" "$2"
  [ "$left" = "$2" ] || [ ! -L "$site/$left.sock" ] || note_left "$site" "${left##*/}" || [ "$4" = 0 ]
  if [ "$4" = 0 ]; then restore_previous "$site"; restore_history "$site"; return; fi
  note_live "$site" "${2##*/}"
  touch "$1/"
}

# unswitch LINK: the undo of a site's first switch
unswitch() {
  rm -f -- "$1" "${1%/*}/docroot" "${1%/*}/previous"
  sync "${1%/*}"
  restore_history "${1%/*}"
}

# note_previous SITE TARGET: what is served now is what pages that are still open were made for; nginx finds their files there after the switch
note_previous() {
  served=$(readlink "$1/docroot") || return 0
  # A run that was killed half-way may have switched it, and another docroot of the same release is none before it.
  case $served/ in "$2"/*) return 0 ;; esac
  previous=$(readlink "$1/previous" || true)
  [ -e "$RUN/kept/previous-${1##*/}" ] || printf '%s\n' "$previous" >"$RUN/kept/previous-${1##*/}" || return
  link_synced "$1/previous" "$served"
}

restore_previous() {
  [ -e "$RUN/kept/previous-${1##*/}" ] || return 0
  served=$(cat "$RUN/kept/previous-${1##*/}")
  if [ -n "$served" ]; then link_synced "$1/previous" "$served"; else remove_synced "$1/previous"; fi
}

# note_live SITE RELEASE: it is the last one now
note_live() {
  records=$STATE/releases/${1##*/}
  history_of "$1" >"$RUN/history"
  [ -e "$RUN/kept/history-${1##*/}" ] || ( umask 077 && cp "$RUN/history" "$RUN/kept/history-${1##*/}" )
  [ ! -s "$records/history" ] || [ "$(sed -n '$s/^[0-9]* //p' "$records/history")" != "$2" ] || return 0
  awk -v live="$2" '{ if ($1 + 0 > last) last = $1 + 0 } $2 != live { print } END { print last + 1, live }' "$RUN/history" |
    write_record "$records" history
}

# It is renamed: a full disk has no room for a copy.
restore_history() {
  [ ! -e "$RUN/kept/history-${1##*/}" ] || move_synced "$RUN/kept/history-${1##*/}" "$STATE/releases/${1##*/}/history"
}

note_keep() {
  kept=
  { read -r kept <"$STATE/releases/${1##*/}/keep"; } 2>/dev/null || true
  [ "$kept" = "$2 $1" ] || printf '%s %s\n' "$2" "$1" | write_record "$STATE/releases/${1##*/}" keep
}

# note_left SITE RELEASE: when it was left, by a clock that nobody sets
note_left() {
  read -r boot </proc/sys/kernel/random/boot_id
  read -r up _ </proc/uptime
  records=$STATE/releases/${1##*/}
  { [ ! -e "$records/left" ] || grep -F "$boot " "$records/left" | grep -v " $2\$"; printf '%s %s %s\n' "$boot" "${up%%.*}" "$2"; } |
    write_record "$records" left
}
