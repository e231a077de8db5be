# nginx's rules for a site's releases, which turn with the switch.

# follow_live SITE RULES: these serve whatever is live
follow_live() {
  [ "$(readlink "$2/docroot")" != "$1/docroot" ] || return 0
  link_synced "$2/previous" "$1/previous" && link_synced "$2/docroot" "$1/docroot"
}

# stay_behind SITE RULES: these serve what is live now, whatever comes, and of what comes the files that its pages name; a run that was killed
# may have seen to that before it switched the docroot
stay_behind() {
  [ "$(readlink "$2/docroot")" = "$1/docroot" ] || return 0
  link_synced "$2/docroot" "$1/$(readlink "$1/docroot")" && link_synced "$2/previous" "$1/docroot"
}

# lay_docroot SITE TARGET: an older version of this program had nginx serve a folder of its link to the live release
lay_docroot() {
  [ -L "$1/docroot" ] || link_synced "$1/docroot" "$2"
}

# lay_rules SITE LINK VERSION: the first
lay_rules() {
  follow_live "$1" "${2%/*}/$3" && link_synced "$2" "$3"
}

# check_rules LINK VERSION: nginx is asked in a mount namespace of its own, in which they are live
check_rules() {
  unshare -m true 2>/dev/null || return 0
  copy=$RUN/shadow/etc/nginx
  mkdir -p "$copy"
  cp -a /etc/nginx/. "$copy"
  link_synced "$copy${1#/etc/nginx}" "$2"
  # shellcheck disable=SC2016 # the inner shell expands it
  unshare -m sh -c 'mount --bind "$1" /etc/nginx && exec nginx -t -q' sh "$copy"
  rm -rf "$RUN/shadow"
}

# reload_nginx: it has ended when no worker of before takes a request any more. Where nginx cannot use what it was given it goes on with what it
# had, and tells its log alone.
reload_nginx() {
  nginx -t -q
  master=$(systemctl show --property=MainPID --value nginx)
  if [ "$master" != 0 ]; then
    workers=$(grep -slx "PPid:	$master" /proc/[0-9]*/status || true)
    systemctl reload nginx
    waited=0
    for worker in $workers; do
      while [ -e "$worker" ] && ! grep -qs 'is shutting down' "${worker%/status}/cmdline"; do
        [ "$waited" -lt 300 ] || { printf '%s\n' 'After 30 s nginx still serves by the configuration that it had.'; tail -n 5 /var/log/nginx/error.log; return 1; }
        sleep 0.1
        waited=$((waited + 1))
      done
    done
  fi
  note_handled reload:nginx.service
}
