# The switch: the links to a release's docroot, to its rules and to the release itself are replaced, each with a rename, and the previous release is
# recorded.

# record_release LINK RELEASE TEXT NEED...: records what a rollback to this release restores, and the names of the resources that it needs
record_release() {
  site=${1%/*}
  before=$RUN/kept/record-${site##*/}-$2 record=$STATE/releases/${site##*/}/$2
  if [ ! -e "$before" ]; then
    mkdir -p "$before"
    for known in "$record/live.json" "$record/needs"; do [ ! -e "$known" ] || cp -a -- "$known" "$before/"; done
  fi
  text=$3
  shift 3
  for need; do printf '%s\n' "$need"; done | write_record "$record" needs
  printf '%s\n' "$text" | write_record "$record" live.json
}

# record_seconds LINK RELEASE SECONDS: records how long a request to the release may take
record_seconds() {
  site=${1%/*}
  printf '%s\n' "$3" | write_record "$STATE/releases/${site##*/}/$2" seconds
}

# restore_release_record LINK RELEASE: restores the release's record from before this run
restore_release_record() {
  site=${1%/*}
  before=$RUN/kept/record-${site##*/}-$2 record=$STATE/releases/${site##*/}/$2
  [ -d "$before" ] || return 0
  rm -f -- "$record/live.json" "$record/needs"
  cp -a -- "$before/." "$record/"
  sync_tree "$record"
}

# switch_release LINK TARGET SOCKET KEEP DOCROOT [RULES VERSION]: makes a release live. LINK is the site's link to the live release (`current`), and
# TARGET is its new target, relative to the site's folder. SOCKET is the socket of the release's processes, or empty if it has none. KEEP is the
# number of releases to keep, or 0 when a switch is being undone. DOCROOT is the folder to serve, or empty if none is. Nginx reaches the files and the
# socket of a release through one link (`live`), so that one rename moves visitors to the new release. Rules that were written by older versions use
# the link `docroot`. RULES is the link to nginx's rules, and VERSION is its new target. If the rules change, nginx's old workers serve the previous
# release until they exit, and the new workers serve the new one. Each falls back to the other release for files that open pages still request.
switch_release() {
  site=${1%/*} old_target=$(readlink "$1" || true) coming=${2##*/} rules=${6:-} rules_change=
  if [ -n "$rules" ] && [ "$(readlink "$rules")" != "$7" ]; then rules_change=yes; fi
  if [ -n "$rules_change" ]; then
    note_pending_handler reload:nginx.service
    [ ! -d "$rules" ] || stay_on_previous "$site" "$(readlink -f "$rules")"
  fi
  [ "$4" = 0 ] || note_release_limit "$site" "$4"
  # An earlier run may have been killed after it switched the release but before it added the release to the history.
  [ "$4" = 0 ] || [ -z "$old_target" ] || note_live "$site" "${old_target##*/}"
  if [ -n "$3" ]; then link_synced "$site/$2.sock" "$3"; else remove_synced "$site/$2.sock"; fi
  [ "$4" = 0 ] || note_previous "$site" "$2"
  if [ -n "$5" ]; then link_synced "$site/docroot" "$5"
  elif [ "$4" = 0 ]; then remove_synced "$site/docroot"; fi
  serve_release "$site" "$2"
  # Do this even if the rules do not change, because a killed run may have left them on the previous release.
  if [ -n "$rules" ]; then follow_live "$site" "${rules%/*}/$7"; fi
  if [ -n "$rules_change" ]; then link_synced "$rules" "$7"; fi
  if [ -n "$rules" ] && [ -e "$STATE/owed/$NAME/reload:nginx.service" ]; then
    reload_nginx
    note_handled reload:nginx.service
  fi
  link_synced "$1" "$2"
  [ "$old_target" = "$2" ] || [ ! -L "$site/$old_target.sock" ] || note_left "$site" "${old_target##*/}" || [ "$4" = 0 ]
  if [ "$4" = 0 ]; then restore_previous "$site"; restore_history "$site"; return; fi
  note_live "$site" "${2##*/}"
  touch "$1/"
}

# undo_first_switch LINK: undoes a site's first switch
undo_first_switch() {
  rm -f -- "$1" "${1%/*}/live" "${1%/*}/docroot" "${1%/*}/previous"
  rm -rf -- "${1%/*}/served"
  sync "${1%/*}"
  restore_history "${1%/*}"
}

# note_previous SITE TARGET: records the docroot that is live before the switch, where nginx finds the files of pages that visitors still have open
note_previous() {
  served=$(readlink "$1/docroot") || return 0
  # A killed run may already have switched the docroot, and another docroot of the same release does not count as a previous one.
  case $served/ in "$2"/*) return 0 ;; esac
  previous=$(readlink "$1/previous" || true)
  [ -e "$RUN/kept/previous-${1##*/}" ] || printf '%s\n' "$previous" >"$RUN/kept/previous-${1##*/}" || return
  link_synced "$1/previous" "$served"
}

restore_previous() {
  [ -e "$RUN/kept/previous-${1##*/}" ] || return 0
  previous=$(cat "$RUN/kept/previous-${1##*/}")
  if [ -n "$previous" ]; then link_synced "$1/previous" "$previous"; else remove_synced "$1/previous"; fi
}

# note_live SITE RELEASE: makes the release the last entry of the history, and removes its earlier entry
note_live() {
  records=$STATE/releases/${1##*/}
  history_of "$1" >"$RUN/history"
  [ -e "$RUN/kept/history-${1##*/}" ] || ( umask 077 && cp "$RUN/history" "$RUN/kept/history-${1##*/}" )
  [ ! -s "$records/history" ] || [ "$(sed -n '$s/^[0-9]* //p' "$records/history")" != "$2" ] || return 0
  awk -v live="$2" '{ if ($1 + 0 > last) last = $1 + 0 } $2 != live { print } END { print last + 1, live }' "$RUN/history" |
    write_record "$records" history
}

# restore_history SITE: restores the history with a rename, because a full disk has no room for a copy
restore_history() {
  [ ! -e "$RUN/kept/history-${1##*/}" ] || move_synced "$RUN/kept/history-${1##*/}" "$STATE/releases/${1##*/}/history"
}

note_release_limit() {
  kept=
  { read -r kept <"$STATE/releases/${1##*/}/keep"; } 2>/dev/null || true
  [ "$kept" = "$2 $1" ] || printf '%s %s\n' "$2" "$1" | write_record "$STATE/releases/${1##*/}" keep
}

# note_left SITE RELEASE: records when a release stopped being live, as uptime, because that clock cannot be changed
note_left() {
  read -r boot </proc/sys/kernel/random/boot_id
  read -r up _ </proc/uptime
  records=$STATE/releases/${1##*/} request_seconds=65
  [ ! -s "$records/$2/seconds" ] || read -r request_seconds <"$records/$2/seconds"
  { [ ! -e "$records/left" ] || awk -v boot="$boot" -v release="$2" '$1 == boot && $3 != release' "$records/left"
    printf '%s %s %s %s\n' "$boot" "${up%%.*}" "$2" "$request_seconds"; } | write_record "$records" left
}
