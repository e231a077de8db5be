# Accounts. What one owns is known by its number alone: it is recorded, and an account that is made again gets the same.

# recorded_number user|group NAME
recorded_number() {
  cat "$STATE/accounts/$1-$2" 2>/dev/null || true
}

record_number() {
  printf '%s\n' "$3" | write_record "$STATE/accounts" "$1-$2"
}

forget_number() {
  rm -f "$STATE/accounts/$1-$2"
}

# number_of user|group NAME: nothing where there is none
number_of() {
  if [ "$1" = user ]; then getent passwd "$2"; else getent group "$2"; fi | cut -d : -f 3
}

# make_account user|group NAME OPTION...: fails where somebody else has made it since the plan was made. Its number is recorded before, so that
# whoever is cut off knows what is ours.
make_account() {
  sort=$1 account=$2
  shift 2
  known=$(recorded_number "$sort" "$account") now=$(number_of "$sort" "$account")
  if [ -n "$now" ]; then
    [ "$now" != "$known" ] || return 0
    printf '%s\n' "Somebody else has made the $sort $account since the plan was made." 'Run again: the plan then tells of it.'
    return 1
  fi
  number=$known
  [ -n "$known" ] && [ -z "$(number_of "$sort" "$known")" ] || number=$(free_number "$account") || return
  [ -n "$known" ] || record_number "$sort" "$account" "$number" || return
  if [ "$sort" = user ]; then set -- useradd --uid "$number" "$@"; else set -- groupadd --gid "$number" "$@"; fi
  "$@" --system "$account" || return
  [ -n "$known" ] || made number
  made "$account"
}

# unmake_account user|group NAME: what this run has made
unmake_account() {
  was_made "$2" || return 0
  [ -z "$(number_of "$1" "$2")" ] || if [ "$1" = user ]; then userdel "$2"; else groupdel "$2"; fi || return
  ! was_made number || forget_number "$1" "$2"
}

# free_number NAME: one for the system that no other account has, and that owns nothing where sites are
free_number() {
  free=1000
  while [ "$free" -gt 100 ]; do
    free=$((free - 1))
    ! { getent passwd "$free"; getent group "$free"; } | cut -d : -f 1 | grep -qvxF "$1" || continue
    [ -n "$(find "$SITES" /var/log '(' -uid "$free" -o -gid "$free" ')' -print -quit 2>/dev/null)" ] || { printf %s "$free"; return; }
  done
  printf '%s\n' 'No number from 100 to 999 is free for an account of the system.' >&2
  return 1
}

# settle_numbers user|group NAME NUMBERS TREE...: what has the recorded number, or one of these, in its trees is the account's again
settle_numbers() {
  sort=$1 account=$2 numbers=$3
  shift 3
  now=$(number_of "$sort" "$account")
  # shellcheck disable=SC2086 # they are numbers
  for old in $(recorded_number "$sort" "$account") $numbers; do
    if [ "$old" -lt 100 ] || [ "$old" = "$now" ]; then continue; fi
    [ "$sort" != user ] || restart_former "$account" "$old" || return
    for tree; do hand_over "$sort" "$old" "$account" "$tree" || return; done
  done
  record_number "$sort" "$account" "$now"
}

# hand_over user|group OLD NAME TREE: from the inside out, so that nobody with the new number gets into a folder before all in it is done. A link
# is not followed, and a file with another link may be somebody else's and stays.
hand_over() {
  [ -d "$4" ] || return 0
  if [ "$1" = user ]; then id=-uid from=$2 to=$3; else id=-gid from=:$2 to=:$3; fi
  find "$4" -depth -xdev "$id" "$2" '(' -type d -o -links 1 ')' -execdir chown -h --from="$from" "$to" {} + && sync -f "$4"
}

# restart_former USER OLD: units of ours whose processes still have the number that the user had
restart_former() {
  grep -l "^Uid:	$2	" /proc/[0-9]*/status 2>/dev/null | while read -r process; do
    sed -n 's,^0::/.*/\([^/]*\.service\)\(/.*\)\{0,1\}$,\1,p' "${process%/status}/cgroup" 2>/dev/null
  done | sort -u | while read -r unit; do
    # The unit of an instance is a link to the file beside its configuration.
    case $(readlink -f "$(systemctl show --property=FragmentPath --value "$unit")") in
      "$INSTANCES"/*) ;;
      *) [ "$(systemctl show --property=User --value "$unit")" = "$1" ] || continue ;;
    esac
    systemctl try-restart "$unit" || exit
  done
}

# A service that was reloaded lets its last workers finish: a user whom they still need goes a little later.
remove_user() {
  waited=0
  while getent passwd "$1" >/dev/null; do
    userdel "$1" && break
    rc=$?
    [ "$rc" = 8 ] && [ "$waited" -lt 90 ] || return "$rc"
    sleep 1
    waited=$((waited + 1))
  done
}

# rehome USER HOME: what usermod refuses while a process of the user's runs. vipw(8) takes the lock of /etc/passwd, puts the new one in
# place whole, and calls its editor by a shell. It takes a file of the same second for one that nobody changed.
rehome() {
  cat >"$RUN/rehome" <<'EDITOR'
[ "$(stat -c %Y "$1")" != "$(date +%s)" ] || sleep 1
awk 'BEGIN { FS = OFS = ":" } $1 == ENVIRON["WHO"] { $6 = ENVIRON["WHERE"] } { print }' "$1" >"$1.new" && cat "$1.new" >"$1"
rc=$?
rm -f "$1.new"
exit "$rc"
EDITOR
  WHO=$1 WHERE=$2 VISUAL="sh $RUN/rehome" vipw -q
}
