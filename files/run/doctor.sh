# Reads, as root, what may prevent a run. Changes nothing.
section() { printf '\n#doctor %s\n' "$1"; }

# A process chooses its name itself, so only its printable characters may reach a terminal.
name_of() {
  [ -r "/proc/$1/comm" ] || { echo unknown; return; }
  LC_ALL=C tr -dc '[:print:]' <"/proc/$1/comm"
}

# listener PORT: prints who listens on a port, given as four hexadecimal digits as in the kernel's tables. Needs no ss.
listener() {
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port=":$1\$" '$2 ~ port && $4 == "0A" { print $10 }' | while read -r inode; do
    # The owner of a socket in another network namespace is not visible here.
    fd=$(find /proc/[0-9]*/fd -maxdepth 1 -lname "socket:\[$inode\]" 2>/dev/null | head -n 1)
    pid=${fd#/proc/}
    pid=${pid%%/*}
    printf '%s\n' "$(name_of "${pid:-none}")"
  done | sort -u
}

section installer
if cloud_init_is_busy; then
  echo 'cloud-init, which is still setting the host up'
fi
for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/cache/apt/archives/lock /var/lib/apt/lists/lock; do
  holder "$lock" && break
done

section unfinished
dpkg --audit 2>&1 | sed -n 's/^ \([^ ].*\)/\1/p' | head -n 5
find /var/lib/dpkg/updates -type f -name '[0-9]*' 2>/dev/null | head -n 1

section held
apt-mark showhold 2>/dev/null

section port80
listener 0050
section port443
listener 01BB

section inodes
df -Pi / /var /srv 2>/dev/null | awk 'NR > 1 && $2 > 0 && $4 < 50000 { print $6, $4 }' | sort -u

section run
systemctl list-units --plain --no-legend --state=active,activating,deactivating 'foobar-provision-run-*.service' 2>/dev/null | awk '{ print $1 }'

section failed
systemctl list-units --plain --no-legend --state=failed 2>/dev/null | head -n 5 | while read -r unit _; do
  # The last message of its own processes, or else of systemd about it.
  said=$(journalctl --quiet --no-pager -o cat -n 1 "_SYSTEMD_UNIT=$unit" 2>/dev/null)
  [ -n "$said" ] || said=$(journalctl --quiet --no-pager -o cat -n 1 -u "$unit" 2>/dev/null)
  printf '%s\t%s\n' "$unit" "$(printf %s "$said" | LC_ALL=C tr -c '[:print:]' ' ')"
done

section leftovers
count_leftovers

section manifests
ls /var/lib/foobar-provision/manifests 2>/dev/null

section clock
date +%s%3N
