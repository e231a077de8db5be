# Facts about a host. POSIX sh; changes nothing.

read_host() {
  section release; cat /etc/os-release
  section host; uname -m; nproc; cat /proc/sys/kernel/hostname
  section memory; grep MemTotal /proc/meminfo; cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null
  section traits
  [ ! -e /proc/net/if_inet6 ] || echo ipv6
  ! systemd-detect-virt --quiet --container 2>/dev/null || echo container
  [ ! -d /run/systemd/system ] || echo systemd
  # With these, packets may arrive on another interface than the one that answers leave by.
  if { ls -d /sys/class/net/wg* /sys/class/net/tailscale* /sys/class/net/tun* /sys/class/net/zt*; ip -4 rule | sed 1,3d; ip -4 route show default | sed 1d; } 2>/dev/null | grep -q .; then echo policy-routing; fi
  [ ! -e /etc/systemd/system/nginx.service.d/10-foobar-provision.conf ] || echo nginx-hardened
  # The asset tag of every Azure machine; its images are provisioned from a disc.
  if grep -qs 7783-7084-3265-9085-8269-3286-77 /sys/class/dmi/id/chassis_asset_tag || [ -d /var/lib/waagent ]; then echo azure; fi
  section addresses; ip -o addr show scope global 2>/dev/null || hostname -I
  section readonly; for path in /etc /usr /var/lib /srv; do [ -w "$path" ] || printf '%s\n' "$path"; done
  section clock; date +%s
}

# read_space PATH...: prints the free space at these paths; missing paths are skipped
read_space() {
  section space; df -Pk "$@" 2>/dev/null
  section inodes; df -Pi "$@" 2>/dev/null
}
