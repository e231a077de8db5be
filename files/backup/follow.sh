# Starts and follows a job of the backup program for foobar-provision. The job continues if the connection is lost.

# start_backup_job NAME WORD...: starts a job and prints its output until it ends. The last line is `#end CODE`, or `#unknown` or `#busy` if the job
# could not start. It is missing if the job was killed.
start_backup_job() {
  unit=foobar-provision-backup-$1@job.service folder=/run/foobar-provision-backups/$1
  [ -e "/etc/foobar-provision/backups/$1/settings" ] || { printf '%s\n' '#unknown'; return; }
  shift
  umask 077
  mkdir -p "$folder" || return
  # The last job may not have removed its files yet.
  tries=0
  while [ "$(systemctl is-active "$unit")" = deactivating ] && [ "$tries" -lt 300 ]; do
    tries=$((tries + 1))
    sleep 0.2
  done
  # Leave a running job and its output alone.
  case $(systemctl is-active "$unit") in active | activating | deactivating) printf '%s\n' '#busy'; return ;; esac
  for word; do printf '%s\n' "$word"; done >"$folder/arguments" && : >"$folder/output" || return
  systemctl reset-failed "$unit" 2>/dev/null
  systemctl start --no-block "$unit" || return
  follow_backup_job
}

# follow_backup_job: prints the output of the job until it has ended
follow_backup_job() {
  tries=0
  until grep -qs . "$folder/output"; do
    case $(systemctl is-active "$unit") in activating | active | deactivating) tries=0 ;; *) tries=$((tries + 1)) ;; esac
    [ "$tries" -lt 20 ] || break
    sleep 0.1
  done
  pid=$(systemctl show --property=MainPID --value "$unit")
  case $pid in '' | 0) cat "$folder/output" ;; *) tail -n +1 -s 0.05 --pid="$pid" -f "$folder/output" ;; esac
  grep -qs '^#end ' "$folder/output" || journalctl --quiet --no-pager -o cat -n 5 -u "$unit"
}
