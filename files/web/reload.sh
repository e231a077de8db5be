# A reload of nginx that has happened when it ends.

# could_not_listen: succeeds if nginx has just given up listening at an address of its new configuration
could_not_listen() {
  { journalctl --no-pager -q -o cat --since -15s -u nginx; tail -n 12 /var/log/nginx/error.log; } 2>/dev/null | grep -q 'still could not bind()'
}

# reload_nginx: reloads nginx if it runs, and waits until none of the old workers accepts requests: `systemctl reload` returns earlier. If nginx cannot
# use the new configuration, it keeps the old one and reports this only in its log. One reload at a time, because the workers of a reload that is under
# way may still have the old configuration.
reload_nginx() (
  nginx -t -q || exit
  ( umask 077 && mkdir -p /run/foobar-provision-locks ) && exec 7>/run/foobar-provision-locks/nginx && flock 7 || exit
  master=$(systemctl show --property=MainPID --value nginx.service)
  [ "${master:-0}" != 0 ] || exit 0
  workers=$(grep -slx "PPid:	$master" /proc/[0-9]*/status || true)
  systemctl reload nginx.service || exit
  waited=0
  for worker in $workers; do
    while [ -e "$worker" ] && ! grep -qs 'is shutting down' "${worker%/status}/cmdline"; do
      if [ "$waited" = 50 ] && could_not_listen; then
        # A socket for all addresses of a port cannot be opened beside one for a single address, only instead of it.
        say progress 'restarting nginx, which cannot listen at other addresses otherwise'
        systemctl restart nginx.service || exit
      fi
      [ "$waited" -lt 300 ] || { printf '%s\n' 'nginx still uses its old configuration 30 s after the reload.'; tail -n 5 /var/log/nginx/error.log; exit 1; }
      sleep 0.1
      waited=$((waited + 1))
    done
  done
)
