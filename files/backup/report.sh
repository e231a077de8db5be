# What a job says, and what it records.

prepare_reports() {
  mkdir -p "$RUNNING" && ERRORS=$RUNNING/errors
}

# begin_job: allows one job at a time. The kernel releases the lock with its last holder.
begin_job() {
  exec 8>>"${RUNNING%/*}/lock"
  flock -n 8 || { printf '%s\n' 'Another backup, drill or restore is in progress on this host. Wait until it has ended, then run again.' >&2; return 3; }
}

# with_output: does the job whose words are in a file, one on each line. The client that follows the output may disappear.
with_output() {
  set --
  while IFS= read -r word; do set -- "$@" "$word"; done <"$RUNNING/arguments"
  rm -f "$RUNNING/arguments"
  job "$@" >"$RUNNING/output" 2>&1
  code=$?
  printf '#end %s\n' "$code" >>"$RUNNING/output"
  return "$code"
}

# say TEXT
say() {
  printf '%s\n' "${DOMAIN:+$DOMAIN: }$1"
}

# json_text: prints standard input as the inside of a JSON text, on one line
json_text() {
  perl -0777 -pe 's/[\x00-\x20\x7f]+/ /g; s/^ | $//g; $_ = substr $_, 0, 600; s/(["\\])/\\$1/g'
}

# now: prints the time in ISO 8601
now() {
  date -u +%Y-%m-%dT%H:%M:%SZ
}

# record NAME: records a JSON object from standard input
record() {
  write_record "$RECORDS/$DOMAIN" "$1.json"
}

# attempt NAME GOOD COMMAND...: runs a part of a job, and records its result, which it leaves in $WORK/result, or its error. GOOD keeps the last success.
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

# note_failure: records for every site that the repository could not be used
note_failure() {
  for domain in $SITES; do
    DOMAIN=$domain
    printf '{"kind":"failed","at":"%s","error":"%s"}\n' "$(now)" "$(json_text <"$ERRORS")" | record backup
  done
}

# megabytes BYTES
megabytes() {
  awk -v bytes="$1" 'BEGIN { printf "%.1f MB", bytes / 1e6 }'
}
