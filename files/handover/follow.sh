# A run is followed from outside, by its journal.

# follow_run ID
follow_run() {
  journal=$STATE/runs/$1/journal
  pid=$(systemctl show --property=MainPID --value "foobar-provision-run-$1.service")
  # What has ended already has no process; and 0 would be one that never ends. Where the kernel tells of no writes to a file (an overlay), it is
  # looked at every so many seconds.
  case $pid in '' | 0) cat "$journal" ;; *) tail -n +1 -s 0.01 --pid="$pid" -f "$journal" ;; esac
}
