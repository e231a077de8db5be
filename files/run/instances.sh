# Instances of template units, one for each release. Their links are created here and not by systemctl(1), which makes systemd read all units again.

# The seconds for which the instance of a release that is no longer live continues, because requests for it may still be in progress; see
# `request_seconds`.
left_seconds=70

# wants_of UNIT: prints the folder of the links that start the unit at boot
wants_of() {
  case $1 in *.socket) printf %s /etc/systemd/system/sockets.target.wants ;; *) printf %s /etc/systemd/system/multi-user.target.wants ;; esac
}

# link_template FILE: makes a template known to systemd
link_template() {
  link=/etc/systemd/system/${1##*/}
  [ "$(readlink "$link")" != "$1" ] || return 0
  link_synced "$link" "$1" && systemctl daemon-reload
}

# enable_instance UNIT FILE [OTHER]: links an instance so that it starts at boot. OTHER is the template of the unit that it activates.
enable_instance() {
  for template in ${3:+"$3"} "$2"; do link_template "$template" || return; done
  folder_synced "$(wants_of "$1")" && link_synced "$(wants_of "$1")/$1" "$2"
}

# disable_instance UNIT FILE [OTHER]: removes these links. The link of the template stays if other instances use it.
disable_instance() {
  remove_synced "$(wants_of "$1")/$1" || return
  for template in "$2" ${3:+"$3"}; do
    file=${template##*/}
    set -- "$1" "$2" "${3:-}" "$(wants_of "$file")/${file%%@*}@"*."${file##*.}"
    [ -L "$4" ] || { remove_synced "/etc/systemd/system/$file" && systemctl daemon-reload; } || return
  done
}

# timer_of UNIT: prints the name, without its suffix, of the timer that stops an instance that was left
timer_of() {
  printf %s "foobar-provision-left-${1%.*}-${1##*.}" | tr @ -
}

# stop_left FILE: stops the instances that runs have left, now and not when their time is over, and waits for their last requests
stop_left() {
  [ -e "$1" ] || return 0
  while read -r _ earlier; do
    systemctl stop "$(timer_of "$earlier").timer" "$earlier" 2>/dev/null || true
  done <"$1"
  rm -f -- "$1"
}

# leave_instance UNIT FILE: disables an instance, and stops it: at once, with those that earlier runs have left, if the site has no live release any
# more, otherwise after the time that requests for its release may take. Until then it may become live again. Instances that earlier runs have
# left stop now.
leave_instance() {
  remove_synced "$(wants_of "$1")/$1" || return
  site=${2%/*/*}
  site=${site##*/}
  left=/run/foobar-provision-left.$site
  if [ ! -L "/srv/www/$site/current" ]; then
    # Their processes would keep the site's user from being removed.
    stop_left "$left"
    systemctl stop "$1" && disable_instance "$1" "$2" || return
    # The unit cannot do this itself, because the folder of its sockets is mounted in it.
    for folder in "/run/foobar-provision/$site" /run/foobar-provision; do
      [ ! -d "$folder" ] || rmdir --ignore-fail-on-non-empty -- "$folder"
    done
    return
  fi
  { [ ! -e "$left" ] || awk -v run="$ID" '$1 != run { print $2 }' "$left"; } | while read -r earlier; do
    [ "$earlier" = "$1" ] || [ -L "$(wants_of "$earlier")/$earlier" ] || systemctl stop --no-block "$(timer_of "$earlier").timer" "$earlier" 2>/dev/null || true
  done
  { [ ! -e "$left" ] || grep "^$ID " "$left" || true; printf '%s %s\n' "$ID" "$1"; } >"$left.new"
  mv -f "$left.new" "$left"
  timer=$(timer_of "$1")
  systemctl stop "$timer.timer" 2>/dev/null || true
  # shellcheck disable=SC2016 # the inner shell expands it
  systemd-run --quiet --collect --unit="$timer" --description="Stop $1, whose release was left" --on-active="$left_seconds" \
    --timer-property=AccuracySec=1s /bin/sh -c '[ -L "$1" ] || systemctl stop "$2"' sh "$(wants_of "$1")/$1" "$1" || systemctl stop "$1"
}
