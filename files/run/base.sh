# What a plan is for: a host as it was when the plan was made.

# base: a sum of all that configurations have recorded on this host, and of its generation. A plan is for one such sum.
base() (
  cd "$STATE/manifests" 2>/dev/null || { printf none; exit; }
  set -- ../generation *.json
  [ -e "$1" ] || shift
  [ -e "$1" ] || { printf none; exit; }
  sum=$(for each; do printf '%s\n' "$each"; cat "$each"; done | sha256sum)
  printf %s "${sum%% *}"
)
