# The switch: the links to a release's docroot, to its rules and to the release itself are replaced, each with a rename, and the previous release is
# recorded.

# record_release LINK RELEASE SECONDS TEXT NEED...: records what a rollback to this release restores, the names of the resources that it needs, and the
# seconds that a request to it may take, unless SECONDS is empty
record_release() {
  site=${1%/*}
  before=$RUN/kept/record-${site##*/}-$2 record=$STATE/releases/${site##*/}/$2
  if [ ! -e "$before" ]; then
    mkdir -p "$before"
    for known in "$record/live.json" "$record/needs"; do [ ! -e "$known" ] || cp -a -- "$known" "$before/"; done
  fi
  shift 2
  change_durably queue_release_record "$record" "$@"
}

# queue_release_record RECORD SECONDS TEXT NEED...
queue_release_record() {
  record=$1 seconds=$2 text=$3
  shift 3
  if [ -n "$seconds" ]; then queue_file "$record/seconds" "$seconds"; fi
  queue_file "$record/needs" "$@"
  queue_file "$record/live.json" "$text"
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
  site=${1%/*} coming=${2##*/} rules=${6:-} reload=''
  records=$STATE/releases/${site##*/}
  read_links "$1" "$rules"
  if [ -n "$rules" ] && [ "$rules_target" != "$7" ]; then
    note_pending_handler reload:nginx.service
    [ ! -d "$rules" ] || stay_on_previous "$site" "$(readlink -f "$rules")"
  fi
  if [ -n "$rules" ] && [ -e "$STATE/owed/$NAME/reload:nginx.service" ]; then reload=yes; fi
  [ "$4" = 0 ] || keep_before_switch
  change_durably queue_switch "$@"
  if [ -n "$reload" ]; then
    reload_nginx
    note_handled reload:nginx.service
    change_durably queue_live "$@"
  fi
  if [ "$4" != 0 ]; then touch "$1/"; return; fi
  # A full disk may have no room for this record.
  change_durably queue_left "$2" || true
  restore_history "$site"
}

# read_links LINK RULES: sets `live_target`, `docroot_target`, `previous_target` and `rules_target` to the targets of the site's links and of the link to
# its rules; empty if they do not exist
read_links() {
  live_target='' docroot_target='' previous_target='' rules_target=''
  links=$(find "${1%/*}" ${2:+"$2"} -maxdepth 1 -type l -printf '%p\t%l\n' 2>/dev/null || true)
  while IFS='	' read -r link target; do
    case $link in
      "$1") live_target=$target ;;
      "${1%/*}/docroot") docroot_target=$target ;;
      "${1%/*}/previous") previous_target=$target ;;
      "${2:-none}") rules_target=$target ;;
    esac
  done <<END
$links
END
}

# keep_before_switch: keeps what undoing the switch restores. Sets `recorded` and `history`: the order in which releases were live, as it is recorded,
# and as it is after the switch.
keep_before_switch() {
  recorded=''
  [ ! -s "$records/history" ] || recorded=$(cat "$records/history")
  history=${recorded:-$(history_of "$site")}
  [ -e "$RUN/kept/history-${site##*/}" ] || ( umask 077 && printf '%s' "${history:+$history
}" >"$RUN/kept/history-${site##*/}" )
  [ -e "$RUN/kept/previous-${site##*/}" ] || printf '%s\n' "$previous_target" >"$RUN/kept/previous-${site##*/}"
  # An earlier run may have been killed after it switched the release but before it added the release to the history.
  [ -z "$live_target" ] || put_last "${live_target##*/}"
  put_last "$coming"
}

# put_last RELEASE: makes the release the last one in $history, and removes its earlier entry
put_last() {
  [ "${history##* }" != "$1" ] || return 0
  last=0 others=''
  while read -r number release; do
    [ -n "$number" ] || continue
    [ "$number" -le "$last" ] || last=$number
    [ "$release" = "$1" ] || others="$others$number $release
"
  done <<END
$history
END
  history="$others$((last + 1)) $1"
}

# queue_switch: the changes of `switch_release`, which has the same arguments, up to the reload of nginx if there is one
queue_switch() {
  [ "$4" = 0 ] || queue_release_limit "$4"
  if [ -n "$3" ]; then queue_link "$site/$2.sock" "$3"; else queue_removal "$site/$2.sock"; fi
  queue_served "$site" "$2"
  queue_sync
  queue_previous "$2" "$4"
  if [ -n "$5" ]; then queue_link "$site/docroot" "$5"
  elif [ "$4" = 0 ]; then queue_removal "$site/docroot"; fi
  queue_link "$site/live" "served/$coming"
  if [ -n "$rules" ]; then
    # Do this even if the rules do not change, because a killed run may have left them on the previous release.
    queue_following "$site" "${rules%/*}/$7"
    [ "$rules_target" = "$7" ] || { queue_sync; queue_link "$rules" "$7"; }
  fi
  [ -n "$reload" ] || queue_live "$@"
}

# queue_live: the last changes of `switch_release`
queue_live() {
  queue_link "$1" "$2"
  [ "$4" != 0 ] || return 0
  queue_sync
  queue_left "$2"
  [ "$history" = "$recorded" ] || queue_file "$records/history" "$history"
}

queue_release_limit() {
  kept=''
  [ ! -s "$records/keep" ] || read -r kept <"$records/keep"
  [ "$kept" = "$1 $site" ] || queue_file "$records/keep" "$1 $site"
}

# queue_previous TARGET KEEP: records the docroot that was live before the switch, where nginx finds the files of pages that visitors still have open
queue_previous() {
  if [ "$2" != 0 ]; then
    # A killed run may already have switched the docroot, and another docroot of the same release does not count as a previous one.
    case $docroot_target/ in / | "$1"/*) ;; *) queue_link "$site/previous" "$docroot_target" ;; esac
    return
  fi
  [ -e "$RUN/kept/previous-${site##*/}" ] || return 0
  previous=''
  read -r previous <"$RUN/kept/previous-${site##*/}" || true
  if [ -n "$previous" ]; then queue_link "$site/previous" "$previous"; else queue_removal "$site/previous"; fi
}

# queue_left TARGET: records when the release that was live stopped being live, as uptime, because that clock cannot be changed
queue_left() {
  if [ "$live_target" = "$1" ] || [ ! -L "$site/$live_target.sock" ]; then return; fi
  read -r boot </proc/sys/kernel/random/boot_id
  read -r up _ </proc/uptime
  left=${live_target##*/} seconds=65 others=''
  [ ! -s "$records/$left/seconds" ] || read -r seconds <"$records/$left/seconds"
  [ ! -e "$records/left" ] || while read -r on at release for; do
    [ "$on" != "$boot" ] || [ "$release" = "$left" ] || others="$others$on $at $release${for:+ $for}
"
  done <"$records/left"
  queue_file "$records/left" "$others$boot ${up%%.*} $left $seconds"
}

# undo_first_switch LINK: undoes a site's first switch
undo_first_switch() {
  rm -f -- "$1" "${1%/*}/live" "${1%/*}/docroot" "${1%/*}/previous"
  rm -rf -- "${1%/*}/served"
  sync "${1%/*}"
  restore_history "${1%/*}"
}

# restore_history SITE: restores the history with a rename, because a full disk has no room for a copy
restore_history() {
  [ ! -e "$RUN/kept/history-${1##*/}" ] || move_synced "$RUN/kept/history-${1##*/}" "$STATE/releases/${1##*/}/history"
}
