# The parts of a run: what belongs to one of several sites alone. If a step of a site fails, the run rolls this site back, and goes on for the others.
# The part `-` removes what no site needs any more. A site that is rolled back may need it again, so that part is rolled back with it.

# The parts that were rolled back, and `yes` if one of them could not be.
LEFT='' STUCK=''

# is_left PART: succeeds if the part was rolled back
is_left() {
  case " $LEFT " in *" $1 "*) ;; *) return 1 ;; esac
}

# is_left_out STEP: succeeds if the step belongs to a part that was rolled back. Sets `part` to the part of the step; empty for a step of the host.
is_left_out() {
  part_of "$1"
  [ -n "$part" ] && is_left "$part"
}

# roll_back_site SITE: rolls back what this run has done for a site, which the run leaves out from here on
roll_back_site() {
  site_worst=rolled-back
  roll_back_part "$1"
  is_left - || roll_back_part -
  say site "$1" "$site_worst"
  [ "$site_worst" = rolled-back ] || STUCK=yes
  printf '%s was rolled back. The log is %s.\n' "$1" "$RUN/log" >&2
}

roll_back_part() {
  LEFT="$LEFT $1"
  # shellcheck disable=SC2013 # they are numbers
  for step in $(sort -rnu "$RUN/begun"); do
    part_of "$step"
    [ "$part" = "$1" ] || continue
    undo_step undo
    [ -z "$stuck" ] || { explain; site_worst=failed; }
  done
  [ -z "$UNITS" ] || systemctl daemon-reload
  own='' shared=''
  handlers_of "$1"
  for handler in $own; do
    forget_handled "$RUN/handled/$handler"
    [ -e "$STATE/owed/$NAME/$handler" ] || continue
    if [ -n "$touched" ]; then
      if repeat_handler "$handler"; then clear_pending_handler "$handler"; else site_worst=failed; fi
    elif grep -qsxF -- "$handler" "$RUN/owes"; then clear_pending_handler "$handler"; fi
  done
  # A shared handler that has not run yet still runs later.
  for handler in $shared; do
    [ ! -e "$RUN/handled/$handler" ] || repeat_handler "$handler" || site_worst=failed
  done
}

# select_entries: copies a manifest whose lines are marked with their parts. For each part that was rolled back, it takes what was on record before.
select_entries() {
  awk -v left=" $LEFT " '
    $1 == "@" { skip = $3 != "" && ($2 == "old") != (index(left, " " $3 " ") > 0); next }
    skip { next }
    /^"/ { printf "%s%s", comma, $0; comma = ","; next }
    { comma = ""; printf "%s", $0 }
    END { print "" }
  '
}

# end_parts: ends a run of which a site was rolled back
end_parts() {
  [ -z "$STUCK" ] || exit 1
  [ -z "$LEFT" ] || exit 5
}
