# Hands a run over to the host, which runs it to its end without the client.

give_up() { rc=$?; rm -rf "$RUN"; exit "$rc"; }

# take FILE BYTES: reads a file from standard input. Abandons the run if the input ends before that.
take() { { head -c "$2" >"$1" && [ "$(wc -c <"$1")" -eq "$2" ]; } || give_up; }

# ssh_client: prints the address of the SSH client. sudo has removed it from the environment, but not from that of a process above.
ssh_client() {
  if [ -n "${SSH_CONNECTION:-}" ]; then printf '%s\n' "${SSH_CONNECTION%% *}"; return; fi
  pid=$$
  while [ "${pid:-0}" -gt 1 ]; do
    found=$(tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | sed -n 's/^SSH_CONNECTION=\([^ ]*\).*/\1/p')
    [ -z "$found" ] || { printf '%s\n' "$found"; return; }
    pid=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$pid/status" 2>/dev/null)
  done
}

# launch_run: starts a run. Its input is a line of words (the run's name, the sizes of its compressed script and of what is recorded about it, and each
# secret's name and size), followed by those bytes in that order.
launch_run() {
  umask 077
  read -r id length about supplies || exit
  RUN=$STATE/runs/$id
  mkdir -p "$RUN/secrets" || exit
  # gzip fails if its input ends too early.
  head -c "$length" | gzip -dc >"$RUN/script" || give_up
  take "$RUN/about" "$about"
  ssh_client >"$RUN/client"
  # shellcheck disable=SC2086 # split into words
  set -- $supplies
  while [ $# -gt 0 ]; do
    take "$RUN/secrets/$1" "$2"
    shift 2
  done
  { true >"$RUN/journal" && reserve "$RUN/journal"; } || give_up
  systemd-run --quiet --collect --unit="foobar-provision-run-$id" --description="foobar-provision, run $id" --property=Environment=HOME=/root --property=TimeoutStopSec=10min -- /bin/sh "$RUN/script" || exit
  follow_run "$id"
}
