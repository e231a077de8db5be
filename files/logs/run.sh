# What a run has printed.

# print_run ID: prints the log of the run whose name begins with ID, without secrets. Exits with 4 if there is none, and with 5 if there are several.
print_run() {
  set -- "$STATE/runs/$1"*/
  [ -d "$1" ] || exit 4
  [ $# -eq 1 ] || exit 5
  { known_secrets; printf '\n'; cat "$1/log"; } | blot_secrets
}
