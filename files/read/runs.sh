# The records of runs. POSIX sh; changes nothing.

# list_runs: prints a line for each run (its name, the time of its last record, the client's address, whether it is active, how it ended, and the step that
# failed or was begun last), each followed by what was recorded about it
list_runs() {
  for run in "$STATE"/runs/*/; do
    run=${run%/}
    [ -e "$run/journal" ] || continue
    printf '#run\t%s\t%s\t%s\t%s\t' "${run##*/}" "$(stat -c %Y "$run/journal")" "$(cat "$run/client" 2>/dev/null)" \
      "$(systemctl is-active "foobar-provision-run-${run##*/}.service" 2>/dev/null)"
    awk -F '\t' '$1 == "begin" && failed == "" { name[$2] = $3; step = $3 } $1 == "fail" { failed = name[$2] == "" ? $2 : name[$2] } $1 == "end" { how = $2 }
      END { printf "%s\t%s\n", how, failed == "" ? step : failed }' "$run/journal"
    cat "$run/about" 2>/dev/null || echo
  done
}
