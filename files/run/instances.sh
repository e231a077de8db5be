# Units of templates that answer for a release each. Their links are made here and not by systemctl(1), which has systemd read all units again.

# Seconds for which what answers for a release that was left goes on, since requests for it may still be under way; see `request_seconds`.
left_seconds=70

# wants_of UNIT: the folder of the links by which it starts with the host
wants_of() {
  case $1 in *.socket) printf %s /etc/systemd/system/sockets.target.wants ;; *) printf %s /etc/systemd/system/multi-user.target.wants ;; esac
}

# link_template FILE: systemd knows it from now on
link_template() {
  link=/etc/systemd/system/${1##*/}
  [ "$(readlink "$link")" != "$1" ] || return 0
  link_synced "$link" "$1" && systemctl daemon-reload
}

# enable_instance UNIT FILE [OTHER]: OTHER is the template of the unit that this one starts
enable_instance() {
  for template in ${3:+"$3"} "$2"; do link_template "$template" || return; done
  folder_synced "$(wants_of "$1")" && link_synced "$(wants_of "$1")/$1" "$2"
}

# disable_instance UNIT FILE [OTHER]: the link of the template stays where others are of it
disable_instance() {
  remove_synced "$(wants_of "$1")/$1" || return
  for template in "$2" ${3:+"$3"}; do
    file=${template##*/}
    set -- "$1" "$2" "${3:-}" "$(wants_of "$file")/${file%%@*}@"*."${file##*.}"
    [ -L "$4" ] || { remove_synced "/etc/systemd/system/$file" && systemctl daemon-reload; } || return
  done
}

# leave_instance UNIT FILE: it starts with the host no more, and stops: at once where the site has no live release any more, or else when requests for
# its own release have had their time. Until then it may become the live one's again. Of those that earlier runs have left none waits longer.
leave_instance() {
  remove_synced "$(wants_of "$1")/$1" || return
  site=${2%/*/*}
  site=${site##*/}
  if [ ! -L "/srv/www/$site/current" ]; then
    systemctl stop "$1" && disable_instance "$1" "$2" || return
    # The unit itself cannot do it, which has the folder of its sockets mounted.
    for folder in "/run/foobar-provision/$site" /run/foobar-provision; do
      [ ! -d "$folder" ] || rmdir --ignore-fail-on-non-empty -- "$folder"
    done
    return
  fi
  left=/run/foobar-provision-left.$site
  { [ ! -e "$left" ] || awk -v run="$ID" '$1 != run { print $2 }' "$left"; } | while read -r earlier; do
    [ "$earlier" = "$1" ] || [ -L "$(wants_of "$earlier")/$earlier" ] || systemctl stop --no-block "$earlier" || true
  done
  { [ ! -e "$left" ] || grep "^$ID " "$left" || true; printf '%s %s\n' "$ID" "$1"; } >"$left.new"
  mv -f "$left.new" "$left"
  timer=foobar-provision-left-$(printf %s "${1%.*}-${1##*.}" | tr @ -)
  systemctl stop "$timer.timer" 2>/dev/null || true
  # shellcheck disable=SC2016 # the inner shell expands it
  systemd-run --quiet --collect --unit="$timer" --description="Stop $1, whose release was left" --on-active="$left_seconds" \
    --timer-property=AccuracySec=1s /bin/sh -c '[ -L "$1" ] || systemctl stop "$2"' sh "$(wants_of "$1")/$1" "$1" || systemctl stop "$1"
}
