# The host's records of earlier runs. POSIX sh.

# prove_login: notes that a login over a new connection has worked, which proves that SSH access is open. The connection is as old as the process that
# sshd has started for it: our ancestor whose parent is the listening sshd.
prove_login() {
  for applied in "$STATE"/runs/*/applied; do
    if [ ! -e "$applied" ] || [ ! -e "${applied%/*}/armed" ]; then continue; fi
    pid=$$ born=0
    while [ "$pid" -gt 1 ] && read -r stat <"/proc/$pid/stat"; do
      # shellcheck disable=SC2086 # its fields
      set -- ${stat##*) }
      [ "$2" -gt 1 ] || break
      born=${20} pid=$2
    done
    read -r since <"$applied"
    [ "$born" -le "$since" ] || : >"${applied%/*}/proven"
  done 2>/dev/null
}

# read_memory NAME [UNIT...]: prints the records of earlier runs, the last run of this configuration if it was interrupted, and what is active now: runs,
# their guards, and these units
read_memory() {
  section leftovers; count_leftovers
  # Print this before the manifests, so that a change in between makes the plan stale.
  section base; base
  for manifest in "$STATE"/manifests/*.json; do [ -e "$manifest" ] && section "manifest ${manifest##*/}" && cat "$manifest"; done
  section stored; for names in /etc/foobar-provision/instances/*/.stored/names; do [ ! -e "$names" ] || printf '%s %s\n' "$names" "$(cat "$names")"; done
  section last; [ ! -e "$STATE/manifests/$1.pending.json" ] || last_run
  section owed; ls "$STATE/owed/$1" 2>/dev/null
  shift
  section active; systemctl list-units --plain --no-legend --state=active,activating,deactivating 'foobar-provision-run-*.service' 'foobar-provision-revert-*.service' "$@" 2>/dev/null
}

# last_run: prints the last run that has changed anything, and the step that it had begun
last_run() {
  run=$(find "$STATE/runs" -mindepth 1 -maxdepth 1 -printf '%T@ %f\n' | sort -rn | cut -d ' ' -f 2 | while read -r each; do
    grep -qE '^end.(busy|stale|rolled-back)' "$STATE/runs/$each/journal" || { echo "$each"; break; }
  done)
  printf '%s\t%s\n' "$run" "$(grep '^begin' "$STATE/runs/$run/journal" | tail -n 1 | cut -f 3)"
}

# read_secrets NAME...: prints those that exist
read_secrets() {
  for secret; do [ -e "$SECRETS/$secret" ] && section "secret $secret" && cat "$SECRETS/$secret"; done
}
