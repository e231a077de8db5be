# The steps of a run. They set these variables: `step`, the number of the step; `rc`, the exit code of its command.

# begin N NAME: notes the start of a step. Fails if that cannot be written, because nothing would undo the step.
begin() {
  [ ! -e "$RUN/stop" ] || stop_run
  step=$1
  printf '%s\n' "$2"
  { printf '\n== %s\n' "$2" >>"$RUN/log" && say begin "$1" "$2" && note_begun "$1"; } 2>>"$RUN/log"
  rc=$?
  [ "$rc" = 0 ]
}

note_begun() {
  printf '%s\n' "$1" >>"$RUN/begun" && { [ -z "$ARMED" ] || sync "$RUN/begun"; }
}

finish() {
  if [ "$rc" = 0 ]; then say ok "$step"; return; fi
  log_unit_output "$1"
  say fail "$1" "$rc"
  explain
  part_of "$step"
  if [ -n "$access_only" ]; then HELD=failed HELD_TEXT=$1
  elif [ -n "$part" ] && [ "$part" != - ]; then roll_back_site "$part"
  else roll_back; fi
}

# fail NAME CODE: fails the run outside of a step
fail() {
  rc=$2 step=0
  finish "$1"
}

# is_over STEP: succeeds if an access setting has failed, after which no other is applied, or if the step's site was rolled back
is_over() {
  if [ -n "$access_only" ] && [ -n "$HELD" ]; then return; fi
  is_left_out "$1"
}

# change N NAME: applies a change
change() {
  ! is_over "$1" || return 0
  if begin "$1" "$2"; then
    ( set -e; apply ) >>"$RUN/log" 2>&1 </dev/null
    rc=$?
  fi
  finish "$2"
}

# handle N ID: runs a handler
handle() {
  ! is_over "$1" || return 0
  if begin "$1" "$2"; then
    # A switch of releases may have run it already.
    if [ -e "$STATE/owed/$NAME/$2" ]; then
      ( set -e; apply ) >>"$RUN/log" 2>&1 </dev/null
      rc=$?
      [ "$rc" != 0 ] || note_handled "$2"
    fi
  fi
  finish "$2"
}
