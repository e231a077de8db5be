# Listeners of a host, its SSH access, and its packet filters. POSIX sh; changes nothing.

read_access() {
  # A process may call itself sshd, or use a name that breaks the line. `ss -e` prints the user of a socket right after its processes, unless that is
  # root.
  process='"[^"]*",pid=[0-9]+,fd=[0-9]+'
  sockets=$(ss -Hltnpe 2>/dev/null)
  section listeners; printf '%s\n' "$sockets"
  section ssh
  printf '%s\n' "$sockets" | grep -E '"(sshd|dropbear)",pid=[0-9]+,fd=[0-9]+\)(,\('"$process"'\))*\) +ino:[0-9]+ sk:'
  systemctl show --property=ActiveState,Listen ssh.socket 2>/dev/null
  printf 'Connection=%s\n' "${SSH_CONNECTION:-}"
  [ ! -e /etc/ssh/sshd_config.d/10-foobar-provision.conf ] || echo Restricted=yes
  grep -EiHs '^[[:space:]]*(AuthorizedKeysFile|Match)[[:space:]=]' /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config
  section keys; cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null
  section firewall
  ! grep -qs foobar_provision /etc/nftables.conf || echo ours
  ! grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf || echo ufw
  systemctl list-units --plain --no-legend --state=active firewalld.service docker.service shorewall.service netfilter-persistent.service 2>/dev/null | cut -d ' ' -f 1
  ! command -v nft >/dev/null || nft -st list ruleset 2>/dev/null | awk '/^table/ { table = "rules in the table " $2 " " $3 } /^\t\t/ && !/^\t\ttype / { print table }' | sort -u
  ! command -v iptables >/dev/null || ! iptables -S 2>/dev/null | grep -q '^-A' || echo 'rules of iptables'
}
