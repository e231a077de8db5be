# The guard of a run's access settings: a separate process that reverts them unless a new login has proven them.

# guard timer|boot|now: reverts a run's access settings unless they are proven. With `now`, the caller is the next run, which holds the lock.
guard() {
  command exec 3>>"$RUN/journal" || exec 3>/dev/null
  if [ "$1" = timer ]; then
    unit=foobar-provision-run-$ID.service waited=0
    # While the run is still applying these settings, the time has not started: it starts when they are live.
    while [ -e "$RUN/armed" ] && [ ! -e "$RUN/applied" ] && [ "$waited" -lt 300 ] && systemctl is-active --quiet "$unit"; do
      sleep 1
      waited=$((waited + 1))
    done
    if [ -e "$RUN/applied" ]; then
      read -r since <"$RUN/applied"
      while [ -e "$RUN/armed" ] && [ ! -e "$RUN/proven" ] && [ $(($(process_clock) - since)) -lt $((WITHIN * 100)) ]; do sleep 1; done
    elif [ -e "$RUN/armed" ] && systemctl is-active --quiet "$unit"; then
      # The run has spent five minutes on one of these steps, so it hangs.
      systemctl kill --signal=KILL "$unit" 2>>"$RUN/log"
      while systemctl is-active --quiet "$unit"; do sleep 0.2; done
    fi
  fi
  lock_guard
  if [ -e "$RUN/armed" ] && [ ! -e "$RUN/proven" ]; then
    advance_generation revert
    revert_access "$1"
    advance_generation reverted
    # A run that is still alive continues and reports its own outcome.
    if [ "$1" = boot ] || ! systemctl is-active --quiet "foobar-provision-run-$ID.service"; then
      remove_temporary_paths
      say end reverted
    fi
  fi
  disarm_guard
}

# lock_guard: takes the lock that prevents the run and its guard from deciding at the same time
lock_guard() {
  exec 8<"$RUN/script"
  flock 8
}

# revert_access [boot]: reverts only the changes that may close SSH access
revert_access() {
  # shellcheck disable=SC2013 # they are numbers
  for step in $(sort -rnu "$RUN/begun" 2>/dev/null); do
    ! is_access_step "$step" || undo_step revert
  done
  # Sync whatever units and commands have written there.
  sync -f /etc
  # One rename marks them as reverted, so that nobody reverts them twice, and disarms the guard.
  if [ -e "$RUN/armed" ]; then rename_synced "$RUN/armed" "$RUN/reverted"; else true >"$RUN/reverted"; fi
  if [ "${1:-}" != boot ]; then reload_access >>"$RUN/log" 2>&1 </dev/null; fi
  settle_access
}

is_access_step() {
  case " $ACCESS " in *" $1 "*) ;; *) return 1 ;; esac
}

# finish_pending_guards: reverts the unproven access settings of interrupted runs before anything else. Fails if that fails.
finish_pending_guards() {
  for armed in "$STATE"/runs/*/armed; do
    [ -e "$armed" ] || continue
    sh "${armed%/armed}/script" guard now
    if [ -e "$armed" ]; then return 1; fi
  done
}

# process_clock: prints the start time of a new process, in hundredths of a second since the kernel's start. Nobody can set that clock, and the
# survey compares it with the start time of a login.
process_clock() {
  sh -c 'read -r stat </proc/$$/stat; set -- ${stat##*) }; echo "${20}"'
}
