# Prints the output of jobs, and records their results.

prepare_reports() {
  mkdir -p "$RUNNING" && ERRORS=$RUNNING/errors
}

# begin_job: takes the lock that allows one job at a time. The kernel releases it when the last process that holds it ends.
begin_job() {
  exec 8>>"${RUNNING%/*}/lock"
  flock -n 8 || { printf '%s\n' 'Another backup, drill or restore is in progress on this host. Wait until it has ended, then run again.' >&2; return 3; }
}

# with_output: runs the job whose words are in the file `arguments`, one on each line. It writes to a file, so that it continues if the connection
# is lost.
with_output() {
  set --
  while IFS= read -r word; do set -- "$@" "$word"; done <"$RUNNING/arguments"
  rm -f "$RUNNING/arguments"
  job "$@" >"$RUNNING/output" 2>&1
  code=$?
  printf '#end %s\n' "$code" >>"$RUNNING/output"
  return "$code"
}

# say TEXT: prints a line, after the domain if the job is working on a site
say() {
  printf '%s\n' "${DOMAIN:+$DOMAIN: }$1"
}

# json_text: prints up to 600 characters of standard input on one line, escaped for a JSON string
json_text() {
  perl -0777 -pe 's/[\x00-\x20\x7f]+/ /g; s/^ | $//g; $_ = substr $_, 0, 600; s/(["\\])/\\$1/g'
}

# now: prints the current time in UTC, in ISO 8601
now() {
  date -u +%Y-%m-%dT%H:%M:%SZ
}

# record NAME: stores the JSON object on standard input as the site's record NAME
record() {
  write_record "$RECORDS/$DOMAIN" "$1.json"
}

# attempt NAME GOOD COMMAND...: runs a command and stores its result, which it writes to $WORK/result, or its error as the record NAME. A success
# is also stored as the record GOOD, which a later failure does not replace.
attempt() {
  name=$1 good=$2
  shift 2
  began=$(date +%s)
  mkdir -p "$WORK" && rm -f "$WORK/result" || return
  ( "$@" ) 2>"$ERRORS.$DOMAIN"
  code=$?
  cat "$ERRORS.$DOMAIN" >&2
  if [ "$code" = 0 ] && [ -s "$WORK/result" ]; then
    seconds=$(($(date +%s) - began))
    printf '{"kind":"%s","at":"%s","seconds":%s,%s}\n' "$good" "$(now)" "$seconds" "$(cat "$WORK/result")" >"$ERRORS.record"
    record "$name" <"$ERRORS.record" && record "$good" <"$ERRORS.record" && return
    code=1
  fi
  [ -s "$ERRORS.$DOMAIN" ] || printf '%s\n' "It was interrupted (exit code $code)." >"$ERRORS.$DOMAIN"
  printf '{"kind":"failed","at":"%s","error":"%s"}\n' "$(now)" "$(tail -n 6 "$ERRORS.$DOMAIN" | json_text)" | record "$name"
  return 1
}

# note_failure: records for every site that its backup failed because the repository could not be used
note_failure() {
  for domain in $SITES; do
    DOMAIN=$domain
    printf '{"kind":"failed","at":"%s","error":"%s"}\n' "$(now)" "$(json_text <"$ERRORS")" | record backup
  done
}

# megabytes BYTES: prints a size in MB
megabytes() {
  awk -v bytes="$1" 'BEGIN { printf "%.1f MB", bytes / 1e6 }'
}
