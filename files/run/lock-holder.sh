# The holder of a lock file, from the kernel's own table. Surveys use this too.

# holder FILE: prints who holds a lock; fails if nobody does
holder() {
  inode=$(stat -c %i "$1" 2>/dev/null) || return 1
  while read -r _ _ _ _ pid device _; do
    # Another file system may have a file with the same inode number, so check that the process has ours open.
    case $device in
      *:"$inode")
        [ -n "$(find "/proc/$pid/fd" -lname "$(readlink -f "$1")" 2>/dev/null)" ] || continue
        # A process chooses its name itself.
        printf '%s (pid %s)' "$(LC_ALL=C tr -dc '[:print:]' 2>/dev/null <"/proc/$pid/comm")" "$pid"
        return 0
        ;;
    esac
  done </proc/locks
  return 1
}

# cloud_init_is_busy: succeeds if cloud-init is still setting the host up. If none of its units runs or waits, it will never finish, and is not waited
# for.
cloud_init_is_busy() {
  [ -d /run/cloud-init ] && [ ! -e /var/lib/cloud/instance/boot-finished ] && [ ! -e /run/cloud-init/disabled ] || return 1
  systemctl list-jobs --plain --no-legend 2>/dev/null | grep -qE ' cloud-(init|config|final)' ||
    systemctl list-units --plain --no-legend --state=activating,reloading 'cloud-init*' 'cloud-config*' 'cloud-final*' 2>/dev/null | grep -q .
}
