# The guard of a run's access settings: a process of its own, which reverts what nobody has proven.

# guard timer|boot|now: decides for a run whose access settings may not be proven. `now` is the next run, which holds the lock.
guard() {
  command exec 3>>"$RUN/journal" || exec 3>/dev/null
  if [ "$1" = timer ]; then
    unit=foobar-provision-run-$ID.service waited=0
    # A run that is still busy with these settings is not late: they have their time from when they are live.
    while [ -e "$RUN/armed" ] && [ ! -e "$RUN/applied" ] && [ "$waited" -lt 300 ] && systemctl is-active --quiet "$unit"; do
      sleep 1
      waited=$((waited + 1))
    done
    if [ -e "$RUN/applied" ]; then
      read -r since <"$RUN/applied"
      while [ -e "$RUN/armed" ] && [ ! -e "$RUN/proven" ] && [ $(($(born) - since)) -lt $((WITHIN * 100)) ]; do sleep 1; done
    elif [ -e "$RUN/armed" ] && systemctl is-active --quiet "$unit"; then
      # Five minutes in one of these steps: it hangs.
      systemctl kill --signal=KILL "$unit" 2>>"$RUN/log"
      while systemctl is-active --quiet "$unit"; do sleep 0.2; done
    fi
  fi
  lock_guard
  if [ -e "$RUN/armed" ] && [ ! -e "$RUN/proven" ]; then
    advance revert
    revert_access "$1"
    advance reverted
    # A run that is alive goes on, and says itself how it ends.
    if [ "$1" = boot ] || ! systemctl is-active --quiet "foobar-provision-run-$ID.service"; then
      clear_passing
      say end reverted
    fi
  fi
  disarm
}

# The run and its guard never decide at the same time.
lock_guard() {
  exec 8<"$RUN/script"
  flock 8
}

# Reverts what may close SSH access, and nothing else.
revert_access() {
  # shellcheck disable=SC2013 # they are numbers
  for step in $(sort -rnu "$RUN/begun" 2>/dev/null); do
    ! is_access "$step" || undo_step revert
  done
  # Whatever a unit or a command wrote there.
  sync -f /etc
  # Nobody undoes them twice, and it is no longer armed by the same rename.
  if [ -e "$RUN/armed" ]; then rename_synced "$RUN/armed" "$RUN/reverted"; else true >"$RUN/reverted"; fi
  if [ "${1:-}" != boot ]; then reload_access >>"$RUN/log" 2>&1 </dev/null; fi
  settle_access
}

is_access() {
  case " $ACCESS " in *" $1 "*) ;; *) return 1 ;; esac
}

# Runs that were interrupted before their access settings were proven: these are reverted before anything else is done. Fails where that does not end.
finish_guards() {
  for armed in "$STATE"/runs/*/armed; do
    [ -e "$armed" ] || continue
    sh "${armed%/armed}/script" guard now
    if [ -e "$armed" ]; then return 1; fi
  done
}

# When a new process begins, in hundredths of a second since the kernel's start: nobody sets that clock, and the survey asks it of a login.
born() {
  sh -c 'read -r stat </proc/$$/stat; set -- ${stat##*) }; echo "${20}"'
}
