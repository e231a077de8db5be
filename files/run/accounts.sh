# Accounts. Files belong to an account's number, so the number is recorded, and an account that is created again gets the same one.

# recorded_number user|group NAME: prints the recorded number, if there is one
recorded_number() {
  cat "$STATE/accounts/$1-$2" 2>/dev/null || true
}

record_number() {
  printf '%s\n' "$3" | write_record "$STATE/accounts" "$1-$2"
}

forget_number() {
  rm -f "$STATE/accounts/$1-$2"
}

# number_of user|group NAME: prints the account's number, or nothing without such an account
number_of() {
  if [ "$1" = user ]; then getent passwd "$2"; else getent group "$2"; fi | cut -d : -f 3
}

# create_account user|group NAME OPTION...: creates an account; fails if somebody else has created it since the plan was made. The number is
# recorded first, so that an interrupted run knows that the account is ours.
create_account() {
  sort=$1 account=$2
  shift 2
  known=$(recorded_number "$sort" "$account") now=$(number_of "$sort" "$account")
  if [ -n "$now" ]; then
    [ "$now" != "$known" ] || return 0
    printf '%s\n' "Somebody else has created the $sort $account since the plan was made." 'Run again: the new plan takes it into account.'
    return 1
  fi
  number=$known
  [ -n "$known" ] && [ -z "$(number_of "$sort" "$known")" ] || number=$(free_number "$account") || return
  [ -n "$known" ] || record_number "$sort" "$account" "$number" || return
  if [ "$sort" = user ]; then set -- useradd --uid "$number" "$@"; else set -- groupadd --gid "$number" "$@"; fi
  "$@" --system "$account" || return
  [ -n "$known" ] || note_created number
  note_created "$account"
}

# undo_create_account user|group NAME TREE...: removes the account if this run has created it. If it still owns something in these folders,
# it stays, because whoever got its number would own that.
undo_create_account() {
  was_created "$2" || return 0
  sort=$1 account=$2 number=$(number_of "$1" "$2")
  shift 2
  if [ -n "$number" ] && still_owns "$sort" "$number" "$@"; then return 0; fi
  [ -z "$number" ] || if [ "$sort" = user ]; then userdel "$account"; else groupdel "$account"; fi || return
  ! was_created number || forget_number "$sort" "$account"
}

# still_owns user|group NUMBER TREE...: succeeds if the number owns something in these folders, or is the group of an account
still_owns() {
  if [ "$1" = user ]; then id=-uid; else id=-gid; fi
  number=$2
  if [ "$1" = group ] && getent passwd | cut -d : -f 4 | grep -qx "$number"; then return 0; fi
  shift 2
  [ $# != 0 ] && [ -n "$(find "$@" -xdev "$id" "$number" -print -quit 2>/dev/null)" ]
}

# free_number NAME: prints a number for a system account that no other account has, and that owns nothing in the folders of sites. It searches the
# folders once, whatever the number of candidates.
free_number() {
  owners=$(find "$SITES" /var/log '(' -uid +99 -o -gid +99 ')' -printf '%U\n%G\n' 2>/dev/null | sort -u)
  free=1000
  while [ "$free" -gt 100 ]; do
    free=$((free - 1))
    ! { getent passwd "$free"; getent group "$free"; } | cut -d : -f 1 | grep -qvxF "$1" || continue
    printf '%s\n' "$owners" | grep -qx "$free" || { printf %s "$free"; return; }
  done
  printf '%s\n' 'No number from 100 to 999 is free for a system account.' >&2
  return 1
}

# reassign_old_files user|group NAME NUMBERS TREE...: gives the account all files in the trees that belong to the recorded number or to one of NUMBERS
reassign_old_files() {
  sort=$1 account=$2 numbers=$3
  shift 3
  now=$(number_of "$sort" "$account")
  # shellcheck disable=SC2086 # they are numbers
  for old in $(recorded_number "$sort" "$account") $numbers; do
    if [ "$old" -lt 100 ] || [ "$old" = "$now" ]; then continue; fi
    # Processes with the number of another account belong to that account.
    [ "$sort" != user ] || [ -n "$(number_of user "$old")" ] || restart_old_processes "$account" "$old" || return
    for tree; do change_owner "$sort" "$old" "$account" "$tree" || return; done
  done
  record_number "$sort" "$account" "$now"
}

# stray_numbers user|group NAME TREE...: prints the numbers that own something there and belong to no account, or to a system account that got the
# number later
stray_numbers() {
  sort=$1 account=$2
  if [ "$1" = user ]; then id=-uid print='%U\n'; else id=-gid print='%G\n'; fi
  shift 2
  find "$@" -xdev "$id" +99 '(' -type d -o -links 1 ')' -printf "$print" 2>/dev/null | sort -u | while read -r stray; do
    [ "$stray" != "$(number_of "$sort" "$account")" ] || continue
    if [ -z "$(number_of "$sort" "$stray")" ] || { [ "$sort" = user ] && [ "$stray" -lt 1000 ]; }; then printf '%s ' "$stray"; fi
  done
}

# change_owner user|group OLD NAME TREE: changes the owner from the inside out, so that nobody with the new number can enter a folder before its
# content is done. It follows no symbolic links, and skips files with other hard links, which may belong to somebody else.
change_owner() {
  [ -d "$4" ] || return 0
  if [ "$1" = user ]; then id=-uid from=$2 to=$3; else id=-gid from=:$2 to=:$3; fi
  find "$4" -depth -xdev "$id" "$2" '(' -type d -o -links 1 ')' -execdir chown -h --from="$from" "$to" {} + && sync -f "$4"
}

# restart_old_processes USER OLD: restarts our units whose processes still run with the user's old number
restart_old_processes() {
  grep -l "^Uid:	$2	" /proc/[0-9]*/status 2>/dev/null | while read -r process; do
    sed -n 's,^0::/.*/\([^/]*\.service\)\(/.*\)\{0,1\}$,\1,p' "${process%/status}/cgroup" 2>/dev/null
  done | sort -u | while read -r unit; do
    # The unit of an instance is a link to a file beside its configuration.
    case $(readlink -f "$(systemctl show --property=FragmentPath --value "$unit")") in
      "$INSTANCES"/*) ;;
      *) [ "$(systemctl show --property=User --value "$unit")" = "$1" ] || continue ;;
    esac
    systemctl try-restart "$unit" || exit
  done
}

# remove_user NAME: removes a user. A service that was reloaded may still have workers of this user, so it waits for up to 90 s.
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

# change_home USER HOME: changes a home directory, which usermod refuses while the user has a process. vipw(8) locks /etc/passwd, replaces it
# atomically, and runs its editor in a shell. It ignores changes within the same second.
change_home() {
  cat >"$RUN/change_home" <<'EDITOR'
[ "$(stat -c %Y "$1")" != "$(date +%s)" ] || sleep 1
awk 'BEGIN { FS = OFS = ":" } $1 == ENVIRON["WHO"] { $6 = ENVIRON["WHERE"] } { print }' "$1" >"$1.new" && cat "$1.new" >"$1"
rc=$?
rm -f "$1.new"
exit "$rc"
EDITOR
  WHO=$1 WHERE=$2 VISUAL="sh $RUN/change_home" vipw -q
}
