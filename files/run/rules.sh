# nginx's rules for a site's releases, which change with the release.

# follow_live SITE RULES: lets these rules serve whichever release is live
follow_live() {
  [ "$(readlink "$2/docroot")" != "$1/docroot" ] || return 0
  link_synced "$2/previous" "$1/previous" && link_synced "$2/docroot" "$1/docroot"
}

# stay_on_previous SITE RULES: lets these rules keep serving the present release, and also the files that pages of the next one name. A run that was
# killed may have done this before it switched the docroot.
stay_on_previous() {
  [ "$(readlink "$2/docroot")" = "$1/docroot" ] || return 0
  link_synced "$2/docroot" "$1/$(readlink "$1/docroot")" && link_synced "$2/previous" "$1/docroot"
}

# create_docroot_link SITE TARGET: creates the link that older versions of this program did not have, because nginx served a folder in `current`
create_docroot_link() {
  [ -L "$1/docroot" ] || link_synced "$1/docroot" "$2"
}

# install_first_rules SITE LINK VERSION: makes the first version of the rules live
install_first_rules() {
  follow_live "$1" "${2%/*}/$3" && link_synced "$2" "$3"
}

# check_rules LINK VERSION: lets nginx check its configuration in a mount namespace of its own in which these rules are live
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

# could_not_listen: succeeds if nginx has just given up listening at an address of its new configuration
could_not_listen() {
  { journalctl --no-pager -q -o cat --since -15s -u nginx; tail -n 12 /var/log/nginx/error.log; } 2>/dev/null | grep -q 'still could not bind()'
}

# reload_nginx: reloads nginx and waits until none of the old workers accepts requests. If nginx cannot use the new configuration, it keeps the old one
# and reports this only in its log.
reload_nginx() {
  nginx -t -q
  master=$(systemctl show --property=MainPID --value nginx)
  if [ "$master" != 0 ]; then
    workers=$(grep -slx "PPid:	$master" /proc/[0-9]*/status || true)
    systemctl reload nginx
    waited=0
    for worker in $workers; do
      while [ -e "$worker" ] && ! grep -qs 'is shutting down' "${worker%/status}/cmdline"; do
        if [ "$waited" = 50 ] && could_not_listen; then
          # A socket for all addresses of a port cannot be opened beside one for a single address, only instead of it.
          say progress 'restarting nginx, which cannot listen at other addresses otherwise'
          systemctl restart nginx || return
        fi
        [ "$waited" -lt 300 ] || { printf '%s\n' 'nginx still uses its old configuration 30 s after the reload.'; tail -n 5 /var/log/nginx/error.log; return 1; }
        sleep 0.1
        waited=$((waited + 1))
      done
    done
  fi
  note_handled reload:nginx.service
}
