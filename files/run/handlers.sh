# Handlers: a pending one is on the disk before the change that notifies it, and stays there until it has run. The host has them in $STATE/owed.

note_pending_handler() {
  { [ -e "$STATE/owed/$NAME/$1" ] || printf '%s\n' "$1" >>"$RUN/owes"; } && true >>"$STATE/owed/$NAME/$1"
}

clear_pending_handler() {
  rm -f "$STATE/owed/$NAME/$1"
}

# clear_own_handlers: clears the handlers that only this run has made pending
clear_own_handlers() {
  [ ! -s "$RUN/owes" ] || while read -r handler; do clear_pending_handler "$handler"; done <"$RUN/owes"
}

# note_handled ID: notes a handler that has run, because it must run again if its change is rolled back
note_handled() {
  mv -f -- "$STATE/owed/$NAME/$1" "$RUN/handled/"
}

# forget_handled FILE: makes a handler that has run pending again
forget_handled() {
  [ ! -e "$1" ] || mv -f -- "$1" "$STATE/owed/$NAME/"
}

# repeat_handler ID: runs a handler for what was rolled back
repeat_handler() {
  printf '\n== undo %s\n' "$1" >>"$RUN/log"
  ( set -e; handler "$1" ) >>"$RUN/log" 2>&1 </dev/null && return
  log_unit_output "$1"
  say stuck "$1"
  explain
  return 1
}
