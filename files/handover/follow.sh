# Follows a run by its journal.

# follow_run ID: prints the run's journal until the run ends
follow_run() {
  journal=$STATE/runs/$1/journal
  pid=$(systemctl show --property=MainPID --value "foobar-provision-run-$1.service")
  # A run that has ended has no process, and tail would wait for the process 0 for ever. On file systems without inotify (overlay), tail polls at this
  # interval, in seconds.
  case $pid in '' | 0) cat "$journal" ;; *) tail -n +1 -s 0.01 --pid="$pid" -f "$journal" ;; esac
}
