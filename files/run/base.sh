# The state of the host for which a plan was made.

# base: prints a checksum of all manifests on this host and of its generation. A plan is valid for one such checksum.
base() (
  cd "$STATE/manifests" 2>/dev/null || { printf none; exit; }
  set -- ../generation *.json
  [ -e "$1" ] || shift
  [ -e "$1" ] || { printf none; exit; }
  sum=$(for each; do printf '%s\n' "$each"; cat "$each"; done | sha256sum)
  printf %s "${sum%% *}"
)
