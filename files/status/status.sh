# What `status` shows of a host. POSIX sh; changes nothing but a cached number in /run.

# count_updates: prints the number of packages that could be upgraded. Counting takes seconds, so the number is kept until a package or a list changes.
count_updates() {
  cache=/run/foobar-provision-updates
  # shellcheck disable=SC3013 # dash knows -nt
  for newer in /var/lib/dpkg/status /var/lib/apt/lists; do [ "$cache" -nt "$newer" ] || stale=yes; done
  if [ -n "${stale:-}" ]; then
    number=$(timeout 20 apt-get -qq --just-print upgrade 2>/dev/null | grep -c '^Inst')
    ( umask 077 && printf '%s\n' "$number" >"$cache" )
  fi
  cat "$cache"
}

# needs_reboot: succeeds if a package asks for a reboot, or a newer kernel is installed than runs
needs_reboot() {
  if [ -e /run/reboot-required ]; then return; fi
  running=/boot/vmlinuz-$(uname -r)
  [ -e "$running" ] && [ "$running" != "$(find /boot -maxdepth 1 -name 'vmlinuz-*' | sort -V | tail -n 1)" ]
}

# read_host_status SITES_FOLDER: prints lines of a name and its values
read_host_status() {
  df -Pk / "$1" 2>/dev/null | awk 'NR > 1 && !seen[$1 $6]++ { print "disk", $6, $3 * 1024, ($3 + $4) * 1024 }'
  awk '/^MemTotal:/ { total = $2 } /^MemAvailable:/ { free = $2 } END { print "memory", (total - free) * 1024, total * 1024 }' /proc/meminfo
  read -r one five fifteen _ </proc/loadavg
  printf 'load %s %s %s %s\n' "$one" "$five" "$fifteen" "$(nproc)"
  printf 'uptime %s\n' "$(cut -d ' ' -f 1 /proc/uptime)"
  printf 'updates %s\n' "$(count_updates)"
  ! needs_reboot || echo 'reboot yes'
  printf 'logins %s\n' "$(timeout 3 journalctl -q --no-pager -o cat _COMM=sshd + _COMM=sshd-session --since -24h 2>/dev/null | grep -cE '^(Failed |Invalid user|Connection (closed|reset) by (authenticating|invalid) user)')"
}

# read_site_status DOMAIN DATABASE: prints the same of a site
read_site_status() {
  home=/srv/www/$1
  release=$(readlink "$home/current") || return
  printf 'release %s %s\n' "${release##*/}" "$(stat -c %Y "$home/current")"
  socket=$(readlink "$home/$release.sock") && case $socket in *.sock) [ ! -S "$socket" ] || php_status "$socket" ;; esac
  [ -z "$2" ] || printf 'database %s\n' "$(du -sk "/var/lib/mysql/$2" 2>/dev/null | awk '{ print $1 * 1024 }')"
  certificate=$(sed -n 's/^ssl_certificate \(.*\);$/\1/p' "/etc/nginx/snippets/$1.tls.conf" 2>/dev/null)
  end=$(openssl x509 -enddate -noout -in "$certificate" 2>/dev/null) && printf 'certificate %s\n' "$(date -d "${end#notAfter=}" +%s)"
  failed=$(systemctl list-units --plain --no-legend --state=failed "$1-*" "*-$1-*" 2>/dev/null | awk '{ print $1 }' | tr '\n' ' ')
  [ -z "$failed" ] || printf 'failed %s\n' "$failed"
}

# php_status SOCKET: prints what FPM says about the workers. Another program does not answer in FastCGI.
php_status() {
  said=$(timeout 5 perl /usr/local/lib/foobar-provision/ask run fastcgi "$1" 3 /fpm-status json 2>/dev/null) && printf 'workers %s\n' "$said"
}
