# The steps of a run. These are set for what they call: `step`, the number of the step; `rc`, how its command ended.

# begin N NAME: a step that cannot be noted is not made, since nothing would undo it
begin() {
  [ ! -e "$RUN/stop" ] || stop
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
  unit_said "$1"
  say fail "$1" "$rc"
  explain
  [ -n "$access_only" ] || roll_back
  HELD=failed HELD_TEXT=$1
}

# fail NAME CODE: the same for what is no step
fail() {
  rc=$2
  finish "$1"
}

# Whether an access setting has failed, and none is made after it.
is_over() {
  [ -n "$access_only" ] && [ -n "$HELD" ]
}

# change N NAME
change() {
  ! is_over || return 0
  if begin "$1" "$2"; then
    ( set -e; apply ) >>"$RUN/log" 2>&1 </dev/null
    rc=$?
  fi
  finish "$2"
}

# handle N ID
handle() {
  ! is_over || return 0
  if begin "$1" "$2"; then
    # A switch may have come to it before.
    if [ -e "$STATE/owed/$NAME/$2" ]; then
      ( set -e; apply ) >>"$RUN/log" 2>&1 </dev/null
      rc=$?
      [ "$rc" != 0 ] || note_handled "$2"
    fi
  fi
  finish "$2"
}
