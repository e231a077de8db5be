# What every run is made of. POSIX sh; needs what a minimal Debian has.
# File descriptor 3 is the run's journal, 9 the lock, which dies with its last holder.

# The folder is root's alone.
LOCK=/run/foobar-provision-locks/run

say() {
  line=$1; shift
  for word; do line="$line	$word"; done
  printf '%s\n' "$line" >&3
}

open_run() {
  # What cannot write its journal has nobody to tell but the one who started it.
  [ -e "$RUN/journal" ] || ( umask 077 && mkdir -p "$RUN" && true >>"$RUN/journal" && reserve "$RUN/journal" ) || exit 1
  exec 3>>"$RUN/journal"
  # A lock that others may open, they may hold.
  said=$({ umask 077 && mkdir -p "${LOCK%/*}" && true >>"$LOCK"; } 2>&1) || refuse lock "$said"
  exec 9>>"$LOCK"
  if ! flock -n 9; then
    say end busy "$(cat "$LOCK")"
    printf '%s\n' "Another run holds this host's lock: $(cat "$LOCK")" >&2
    rm -rf "$RUN/secrets"
    exit 3
  fi
  printf '%s\n' "$ID" >"$LOCK" || refuse lock "$LOCK could not be written."
  finish_guards || { say end unguarded; rm -rf "$RUN/secrets"; exit 1; }
  if [ "$BASE" != any ] && [ "$(base)" != "$BASE" ]; then
    say end stale
    rm -rf "$RUN/secrets"
    exit 1
  fi
  # They may take the room that this one needs.
  remove_leftovers
  said=$(make_room 2>&1) || refuse room "$said"
  said=$({ advance begin && printf 'over %s\n' "$ID" >"$RUN/over" && sync "$RUN/over"; } 2>&1) || refuse generation "$said"
  say start "$ID"
}

# Its folders, and room for what it says when a disk is full. What it has begun, and where it stages, it then only reads.
make_room() (
  umask 077
  mkdir -p "$RUN/kept" "$RUN/secrets" "$RUN/handled" "$STATE/manifests" "$STATE/owed/$NAME" || exit
  for each in log begun beside; do true >>"$RUN/$each" || exit; done
  reserve "$RUN/log"
)

# reserve FILE: room for what is appended to it, where the file system can
reserve() {
  said=$(fallocate --keep-size --length 64KiB "$1" 2>&1) || case $said in *'not supported'*) ;; *) printf '%s\n' "$said" >&2; return 1 ;; esac
}

# refuse STEP TEXT: ends a run that has changed nothing
refuse() {
  say fail "$1" 1
  { printf '%s\n' "$2"; full_disks; } | awk '{ print "err\t" $0 }' >&3
  rm -rf "$RUN/secrets"
  say end rolled-back
  exit 5
}

remove_leftovers() {
  left=$(leftovers 0)
  [ -n "$left" ] || return 0
  say progress 'removing what interrupted runs left'
  forget_kept_secrets
  printf '\n== leftovers\n%s\n' "$left" >>"$RUN/log"
  printf '%s\n' "$left" | xargs -d '\n' rm -rf -- 2>>"$RUN/log"
}

# passing PATH...: what gets a name that it is not to keep is written down before it is made, so that it goes whatever becomes of this run.
passing() {
  printf '%s\n' "$@" >>"$RUN/beside" && sync "$RUN/beside"
}

# base: a sum of all that configurations have recorded on this host, and of its generation. A plan is for one such sum.
base() (
  cd "$STATE/manifests" 2>/dev/null || { printf none; exit; }
  set -- ../generation *.json
  [ -e "$1" ] || shift
  [ -e "$1" ] || { printf none; exit; }
  sum=$(for each; do printf '%s\n' "$each"; cat "$each"; done | sha256sum)
  printf %s "${sum%% *}"
)

# advance WORD: a new generation. Whatever changes the host on our behalf begins one and ends with another, so that no plan that was made
# before or meanwhile is applied.
advance() {
  printf '%s %s\n' "$1" "$ID" | write_record "$STATE" generation
}

# The one that a run ends with, which was written when it began.
end_generation() {
  [ ! -e "$RUN/over" ] || rename_synced "$RUN/over" "$STATE/generation"
}

# intend HANDLER...: what the run owes, and the intent, are on disk before the first change, so that a run that is interrupted is known for what it was.
intend() {
  printf '\n== manifest\n' >>"$RUN/log"
  for handler; do owe "$handler" || return; done
  # A second name, which takes no room.
  { [ ! -e "$PENDING" ] || ln -f -- "$PENDING" "$RUN/kept/pending"; } &&
    manifest | write_record "$STATE/manifests" "${PENDING##*/}" &&
    sync -- "$STATE/owed/$NAME" "$STATE/owed" "$RUN" "$STATE/runs" "$STATE" "${STATE%/*}"
}

owe() {
  { [ -e "$STATE/owed/$NAME/$1" ] || printf '%s\n' "$1" >>"$RUN/owes"; } && true >>"$STATE/owed/$NAME/$1"
}

settle() {
  rm -f "$STATE/owed/$NAME/$1"
}

# What only this run owed.
settle_own() {
  [ ! -s "$RUN/owes" ] || while read -r handler; do settle "$handler"; done <"$RUN/owes"
}

# --- files: staged beside their place, then renamed into it, what was there kept

# put PATH MODE OWNER:GROUP CONTENT [SECRET...]
put() {
  beside "$1" || return
  if [ "$2" = 0644 ]; then printf '%s' "$4" >"$new"; else ( umask 077 && printf '%s' "$4" >"$new" ) && chmod "$2" "$new"; fi || return
  [ "$3" = root:root ] || chown "$3" "$new" || return
  path=$1
  shift 4
  for secret; do fill "$new" "$secret" || return; done
  keep "$path"
}

beside() {
  beside=${1%/*}/.foobar-provision-$ID
  [ -d "$beside" ] || { folder_synced "${1%/*}" && passing "$beside" && mkdir -m 0700 "$beside"; } || return
  new=$beside/$step
}

# keep PATH [NAME]: a copy for people to read, and for the guard; and a second name, which comes back also where a disk is full
keep() {
  { [ ! -f "$new" ] || printf '%s\n' "$new" >>"$RUN/staged"; } &&
    if [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then
      cp -a -- "$1" "$RUN/kept/${2:-$step}" && { ln -fP -- "$1" "$beside/${2:-$step}.was" 2>/dev/null || true; }
    fi
}

# Writes a secret into the places that name it. It passes through files alone, never through arguments.
fill() (
  umask 077
  awk -v name="$2" -v from="$SECRETS/$2" '
    BEGIN { if ((getline secret < from) <= 0) exit 1; mark = "{{secret:" name "}}" }
    { out = ""; while ((at = index($0, mark)) > 0) { out = out substr($0, 1, at - 1) secret; $0 = substr($0, at + length(mark)) } print out $0 }
  ' "$1" >"$1.filled" && cat "$1.filled" >"$1" && rm -f "$1.filled"
)

# Keeps what a change is about to take away.
set_aside() {
  beside "$1" && keep "$1"
}

# The same, for as long as we want it gone: what was there before us comes back when we go.
lay_aside() {
  set_aside "$1" || return
  { [ -e "$1" ] || [ -L "$1" ]; } || return 0
  copy_aside "$1"
}

# What was there before us, once: what a cut run has kept is the owner's, and what lies there now may be ours.
adopt() {
  if [ -e "$STATE/aside$1" ] || [ -L "$STATE/aside$1" ]; then return; fi
  [ -f "$1" ] || [ -L "$1" ] || return 0
  copy_aside "$1"
}

# Whole, or not at all: what is aside is trusted to be the owner's.
copy_aside() {
  ( umask 077 && folder_synced "$STATE/aside${1%/*}" ) && passing "$STATE/aside$1.$ID" && cp -aT -- "$1" "$STATE/aside$1.$ID" && move_synced "$STATE/aside$1.$ID" "$STATE/aside$1"
}

# What took its place is there by now, also after a power cut.
forget_aside() {
  sync -- "${1%/*}/" && remove_synced "$STATE/aside$1"
}

from_aside() {
  beside "$1" && cp -aT -- "$STATE/aside$1" "$new" && keep "$1"
}

sync_staged() {
  [ ! -s "$RUN/staged" ] || { xargs -d '\n' sync -- <"$RUN/staged" && rm -f "$RUN/staged"; }
}

sync_placed() {
  [ ! -s "$RUN/beside" ] || sed 's,/[^/]*$,/,' "$RUN/beside" | sort -u | while read -r folder; do
    # It may have been removed since.
    [ ! -d "$folder" ] || printf '%s\n' "$folder"
  done | xargs -r -d '\n' sync --
}

# The note stays: a power cut may bring them back.
clear_passing() {
  [ ! -s "$RUN/beside" ] || xargs -d '\n' rm -rf -- <"$RUN/beside"
}

# made WHAT: noted when it is done, since only what this run has made is undone by it
made() {
  printf '%s\n' "$1" >>"$RUN/kept/made-$step"
}

was_made() {
  grep -qsxF -- "$1" "$RUN/kept/made-$step"
}

# was_ours NAME: whether a resource was in the record when this run began
was_ours() {
  grep -qsF "\"$1\":" "$MANIFEST" "$RUN/kept/pending"
}

# is_free PATH: nobody has put anything there since the plan was made
is_free() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then return; fi
  printf '%s\n' "Somebody else has made $1 since the plan was made." 'Run again: the plan then tells of it.' >&2
  return 1
}

# place_new PATH: a link never takes the place of anything
place_new() {
  ln -PT -- "${1%/*}/.foobar-provision-$ID/$step" "$1" && rm -f -- "${1%/*}/.foobar-provision-$ID/$step" && made "$1"
}

place() {
  mv -fT -- "${1%/*}/.foobar-provision-$ID/$step" "$1"
}

# put_back PATH [NAME]. A folder never gave way to anything, so one that is there now either was or is ours and empty.
put_back() {
  was=${1%/*}/.foobar-provision-$ID/${2:-$step}.was
  if [ -e "$was" ] || [ -L "$was" ] || [ -e "$RUN/kept/${2:-$step}" ] || [ -L "$RUN/kept/${2:-$step}" ]; then
    if [ -d "$1" ] && [ ! -L "$1" ]; then rmdir -- "$1" || return; fi
    if [ -e "$was" ] || [ -L "$was" ]; then move_synced "$was" "$1"; return; fi
    beside "$1" && cp -a -- "$RUN/kept/${2:-$step}" "$new.back" && move_synced "$new.back" "$1"
  elif [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then
    remove_synced "$1"
  fi
}

# Takes a folder out of sight with all that it holds. It is gone for good when the run has succeeded.
retire() {
  [ ! -d "$1" ] || { beside "$1" && mv -T -- "$1" "$new"; }
}

bring_back() {
  beside "$1" || return
  [ ! -d "$new" ] || rename_synced "$new" "$1"
}

# A folder in which something waits for the run's end waits too.
remove_empty() {
  if [ -L "$1" ] || [ ! -d "$1" ]; then return; fi
  rmdir --ignore-fail-on-non-empty -- "$1"
  [ ! -d "$1" ] || printf '%s\n' "$1" >>"$RUN/emptied"
}

# own_folder PATH MODE OWNER:GROUP: makes the folder where there is none. It is opened without following a link, and so is all of the path that
# somebody else could have changed meanwhile; its owner and mode are those of what was opened.
own_folder() {
  perl -e '
    use strict;
    use Fcntl;
    my ($path, $mode, $owner, $group) = @ARGV;
    my $user = $owner =~ /^\d+$/ ? $owner : getpwnam($owner) // die "there is no user $owner\n";
    my $team = $group =~ /^\d+$/ ? $group : getgrnam($group) // die "there is no group $group\n";
    my @parts = grep { $_ ne "" } split m{/}, $path;
    my $folder;
    chdir "/" or die "/: $!\n";
    while (defined(my $part = shift @parts)) {
      my @above = stat "." or die "$path: $!\n";
      my $strict = !@parts || $above[4] != 0 || $above[2] & 022;
      mkdir $part, @parts ? 0755 : 0700 or $!{EEXIST} or die "$path: $!\n";
      sysopen $folder, $part, O_RDONLY | O_DIRECTORY | ($strict ? O_NOFOLLOW : 0)
        or die "$path: \"$part\" is no folder, or a link that somebody else may have made ($!). Remove it, then run again.\n";
      chdir $folder or die "$path: $!\n";
    }
    chown $user, $team, $folder or die "$path: $!\n";
    chmod oct $mode, $folder or die "$path: $!\n";
  ' "$1" "$2" "${3%%:*}" "${3#*:}"
}

# as_user USER SECONDS COMMAND...: with nothing but this user's rights, and not for ever. Another process of that user's may look into this one,
# stop it, and take what it has open: the run's journal and its locks are not among that.
as_user() {
  user=$1 seconds=$2
  shift 2
  timeout --kill-after=5 "$seconds" setpriv --reuid="$user" --regid="$user" --clear-groups --inh-caps=-all -- "$@" </dev/null 3>&- 8>&- 9>&-
}

# --- accounts. What one owns is known by its number alone: it is recorded, and an account that is made again gets the same.

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
    [ -n "$(find /srv/www /var/log/php '(' -uid "$free" -o -gid "$free" ')' -print -quit 2>/dev/null)" ] || { printf %s "$free"; return; }
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
      /etc/foobar-provision/instances/*) ;;
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

# --- checkers: each sees copies of its folders in a mount namespace of its own, with the staged files in place

can_shadow() {
  [ -r "$SELF" ] && unshare -m true 2>/dev/null
}

shadow() {
  for root; do
    [ -d "$root" ] || continue
    copy=$RUN/shadow$root
    mkdir -p "$copy" && cp -a "$root/." "$copy" && mount --bind "$copy" "$root" || return
  done
}

check() {
  say check "$2"
  printf '\n== check %s\n' "$2" >>"$RUN/log"
  unshare -m sh "$SELF" check "$1" >>"$RUN/log" 2>&1 </dev/null
  rc=$?
  rm -rf "$RUN/shadow"
  [ "$rc" = 0 ] || fail "check $2" "$rc"
}

# has_walls UNIT: whether systemd knows it
has_walls() {
  [ -d /run/systemd/system ] && [ -n "$(systemctl show --property=FragmentPath --value "$1" 2>/dev/null)" ]
}

# in_walls UNIT COMMAND ROOT...: what `check` runs, as what systemd makes of the unit would be: its user, its rights, and its view of the system. The
# staged files are those of the unit too, and the checker sees them in these folders. COMMAND is quoted for a unit.
in_walls() {
  walled=$1 walled_command=$2 checked=foobar-provision-check-$ID-$step.service
  shift 2
  {
    for part in "$(systemctl show --property=FragmentPath --value "$walled")" \
      "/usr/lib/systemd/system/$walled.d"/*.conf "/run/systemd/system/$walled.d"/*.conf "/etc/systemd/system/$walled.d"/*.conf; do
      [ ! -e "$part" ] || awk '/^\[/ { ours = $0 ~ /^\[Service\]/ } ours; END { print "" }' "$part"
    done
    printf '%s\n' '[Service]' Type=oneshot Restart=no RemainAfterExit=no PIDFile= NotifyAccess=none RuntimeDirectoryPreserve=yes TimeoutStartSec=120 \
      ExecCondition= ExecStartPre= ExecStart= ExecStartPost= ExecReload= ExecStop= ExecStopPost= "ExecStart=/bin/sh -c \"$walled_command\"" \
      "StandardOutput=truncate:$RUN/checked" StandardError=inherit
    for root; do
      [ ! -d "$RUN/shadow$root" ] || printf 'BindReadOnlyPaths=%s:%s\n' "$RUN/shadow$root" "$root"
    done
  } >"/run/systemd/system/$checked"
  systemctl start "$checked" 2>/dev/null
  answered=$?
  # Where it did not get as far as the checker, systemd says why.
  if [ "$answered" != 0 ] && [ ! -s "$RUN/checked" ]; then journalctl --no-pager -o cat -n 12 -u "$checked"; else cat "$RUN/checked"; fi
  rm -f "/run/systemd/system/$checked" "$RUN/checked"
  systemctl reset-failed "$checked" 2>/dev/null
  return "$answered"
}

# --- packages: one transaction, waited for, never fought

WANT=
want() {
  WANT="$WANT $1"
}

UNWANT=
unwant() {
  UNWANT="$UNWANT $1"
}

holder() {
  inode=$(stat -c %i "$1" 2>/dev/null) || return 1
  while read -r _ _ _ _ pid device _; do
    # Another file system may have a file of the same number, so the process has to have ours open.
    case $device in
      *:"$inode")
        [ -n "$(find "/proc/$pid/fd" -lname "$(readlink -f "$1")" 2>/dev/null)" ] || continue
        # A process chooses its name itself.
        printf '%s (pid %s)' "$(tr -dc '[:print:]' 2>/dev/null <"/proc/$pid/comm")" "$pid"
        return 0
        ;;
    esac
  done </proc/locks
  return 1
}

wait_for_packages() {
  waited=0
  while [ "$waited" -lt 900 ]; do
    busy=
    if [ -d /run/cloud-init ] && [ ! -e /var/lib/cloud/instance/boot-finished ] && [ ! -e /run/cloud-init/disabled ]; then
      busy='cloud-init, which is still setting the host up'
    else
      for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/cache/apt/archives/lock /var/lib/apt/lists/lock; do
        if busy=$(holder "$lock"); then break; else busy=; fi
      done
    fi
    [ -n "$busy" ] || return 0
    say progress "waiting for $busy"
    sleep 1
    waited=$((waited + 1))
  done
  printf '%s\n' "The package manager was still held by $busy after 15 minutes."
  return 1
}

apt() {
  DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true APT_LISTCHANGES_FRONTEND=none NEEDRESTART_SUSPEND=1 UCF_FORCE_CONFFOLD=1 \
    apt-get -y -q -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -o APT::Status-Fd=3 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

# A service that a package brings is started by us, once, with its configuration in place: until then a condition
# that cannot hold makes starting it do nothing. It is gone with the next boot whatever happens to this run.
hold_units() {
  for unit; do
    mkdir -p "/run/systemd/system/$unit.d" &&
      printf '%s\n' '[Unit]' 'ConditionPathExists=/run/foobar-provision.never' >"/run/systemd/system/$unit.d/foobar-provision-hold.conf" || return
  done
  systemctl daemon-reload
}

# Whether files of units have changed, which systemd reads only when it is told to.
UNITS=

release_units() {
  held=no
  for hold in /run/systemd/system/*.d/foobar-provision-hold.conf; do
    [ -e "$hold" ] && rm -f "$hold" && held=yes && rmdir --ignore-fail-on-non-empty "${hold%/*}"
  done
  if [ "$held" = yes ] || [ "$UNITS" = changed ]; then systemctl daemon-reload; fi
  [ "$UNITS" != changed ] || UNITS=loaded
}

# Where a run of dpkg was cut off, ours or another's, apt refuses everything until it is finished. A package that was cut off while
# it was unpacked cannot be set up: it is unpacked anew.
finish_packages() {
  [ -n "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ] || [ -n "$(dpkg --audit)" ] || return 0
  say progress 'finishing an interrupted dpkg'
  DEBIAN_FRONTEND=noninteractive dpkg --configure -a --force-confdef --force-confold && return
  half=$(dpkg-query -W -f '${db:Status-Eflag} ${binary:Package}\n' | sed -n 's/^reinstreq //p' | tr '\n' ' ')
  # shellcheck disable=SC2086 # the names are words
  if [ -n "$half" ]; then apt --fix-broken --reinstall install $half; else apt --fix-broken install; fi
}

transact() {
  wait_for_packages || return
  if [ -n "$LISTS" ] && [ -d "$LISTS" ]; then
    find "$LISTS" -maxdepth 1 -type f ! -name lock -exec mv -ft /var/lib/apt/lists {} + && rm -rf "$LISTS" || return
  elif [ -n "$UPDATE" ]; then
    apt update || return
  fi
  finish_packages || return
  [ -e "$STATE/there" ] || { list_packages >"$RUN/packages" && write_record "$STATE" there <"$RUN/packages"; } || return
  # shellcheck disable=SC2086 # the names are words
  [ -z "$WANT" ] || apt install --no-install-recommends --no-remove --allow-change-held-packages $WANT || return
  note_brought
}

# What came by us, named or not, is what we may purge one day: all that was not there before. A run that is cut off leaves the noting to the next.
note_brought() {
  [ -e "$STATE/there" ] || return 0
  list_packages >"$RUN/packages" &&
    { ! [ -e "$STATE/brought" ] || cat "$STATE/brought"; grep -vxF -f "$STATE/there" "$RUN/packages"; } | sort -u >"$RUN/brought" &&
    write_record "$STATE" brought <"$RUN/brought" && remove_synced "$STATE/there"
}

list_packages() {
  dpkg-query -W -f '${Package}\n'
}

# What is taken away waits for the run's end in its folder, so that dpkg leaves the folder of a package that it purges.
note_packaged() {
  [ ! -s "$RUN/beside" ] || sed 's,/[^/]*$,,' "$RUN/beside" | sort -u | while read -r folder; do
    while [ -n "$folder" ] && dpkg-query -S "$folder" >/dev/null 2>&1; do
      printf '%s\n' "$folder"
      folder=${folder%/*}
    done
  done | sort -ru >"$RUN/packaged"
}

remove_unpackaged() {
  [ ! -s "$RUN/packaged" ] || while read -r folder; do
    dpkg-query -S "$folder" >/dev/null 2>&1 || rmdir --ignore-fail-on-non-empty -- "$folder" 2>/dev/null
  done <"$RUN/packaged"
}

# Purges what is no longer wanted, then what came with it and nothing else has come to need.
purge() {
  wait_for_packages && finish_packages || return
  note_packaged
  # The server tells where its data is, as long as it is there.
  data=$(data_folder)
  # shellcheck disable=SC2086 # the names are words
  apt purge $UNWANT || return
  spare=$(apt-get -s -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false autoremove 2>/dev/null | sed -n 's/^Remv \([^ ]*\) .*/\1/p' | grep -xF -f "$STATE/brought" | tr '\n' ' ')
  # shellcheck disable=SC2086 # the names are words
  [ -z "$spare" ] || apt purge $spare || return
  # Debian keeps the data of a purged server. Where only the server's own schemas are left in it, there is none.
  case $UNWANT in *mariadb-server* | *mysql-server*)
    case $data in /var/lib/mysql | /var/lib/mariadb)
      [ -n "$(find "$data" -mindepth 1 -maxdepth 1 -type d ! -name mysql ! -name performance_schema ! -name sys ! -name '#innodb_*' 2>/dev/null)" ] || rm -rf "$data"
      ;;
    esac
    # And what its installation makes, which no package knows.
    [ -d "$data" ] || { rm -f /etc/mysql/debian.cnf; rmdir --ignore-fail-on-non-empty /var/lib/mysql-files /var/lib/mysql-keyring 2>/dev/null; rmdir --ignore-fail-on-non-empty /etc/mysql 2>/dev/null || true; }
    ;;
  esac
}

# --- SSH access: what may close it is changed last, and reverted by the host itself unless somebody logs in over a new connection

# Why the access settings of this plan are not live: "refused", "unproven", "failed", "unguarded" or "export", with what was said.
HELD='' HELD_TEXT=''
# What is made now are access settings. Where one of them fails, they alone are taken back.
access_only=

# A systemd timer decides where this script is dead, and a unit at boot where the host went down. All that they need is on the disk
# before anything changes. Where the host cannot be told, nothing that may close SSH access is changed.
arm() {
  printf '\n== %s\n' 'telling the host to revert SSH and firewall settings by itself' >>"$RUN/log"
  {
    { [ -e "$RUN/script" ] || write_record "$RUN" script <"$SELF"; } && sync_run && true >"$RUN/armed" && sync -- "$RUN" &&
      printf '%s\n' '[Unit]' 'Description=foobar-provision, reverts SSH and firewall settings that nobody has proven' 'DefaultDependencies=no' 'After=local-fs.target' 'Before=network-pre.target nftables.service ssh.service ssh.socket' \
        '[Service]' 'Type=oneshot' "ExecStart=/bin/sh $RUN/script guard boot" >"$BOOT_GUARD.new" &&
      move_synced "$BOOT_GUARD.new" "$BOOT_GUARD" &&
      folder_synced "${BOOT_WANTS%/*}" && link_synced "$BOOT_WANTS" "$BOOT_GUARD" &&
      systemd-run --quiet --collect --unit="foobar-provision-revert-$ID" --description="foobar-provision, reverts what nobody has proven" --on-active="${WITHIN}s" --timer-property=AccuracySec=1s -- /bin/sh "$RUN/script" guard timer
  } >>"$RUN/log" 2>&1 </dev/null && { ARMED=yes access_only=yes; return; }
  explain
  rm -f "$BOOT_GUARD.new"
  disarm
  HELD=unguarded HELD_TEXT='The host could not be told to revert them by itself.'
  return 1
}
ARMED=

BOOT_GUARD=/etc/systemd/system/foobar-provision-revert.service
BOOT_WANTS=${BOOT_GUARD%/*}/sysinit.target.wants/${BOOT_GUARD##*/}

# What the guard reads after a power cut, before the file that says so.
sync_run() {
  for each in $ACCESS; do
    [ ! -f "$RUN/kept/$each" ] || [ -L "$RUN/kept/$each" ] || printf '%s\n' "$RUN/kept/$each"
  done | xargs -r -d '\n' sync -- &&
    sync -- "$RUN/script" "$RUN/begun" "$RUN/kept" "$RUN" "$STATE/runs" "$STATE" "${STATE%/*}"
}

disarm() {
  ARMED=''
  remove_synced "$RUN/armed"
  rm -f "$RUN/applied" "$RUN/proven" "$RUN/refused"
  # Another run may be armed, and its unit is the one at boot.
  if grep -qsF "$RUN/script" "$BOOT_GUARD"; then remove_synced "$BOOT_WANTS"; remove_synced "$BOOT_GUARD"; fi
  systemctl stop "foobar-provision-revert-$ID.timer" 2>/dev/null || true
}

# The run and its guard never decide at the same time.
lock_guard() {
  exec 8<"$RUN/script"
  flock 8
}

# prove: the settings are live. From now on any login over a new connection is the proof; the one who follows this run makes one, or says why
# there is none. The guard alone knows when the time is up.
prove() {
  [ -n "$HELD" ] || await_proof
  lock_guard
  if [ "$HELD" = failed ]; then
    end_access
  elif [ ! -e "$RUN/armed" ]; then
    HELD=unproven HELD_TEXT="Nobody logged in over a new connection within $WITHIN s."
  elif [ -e "$RUN/proven" ]; then
    say proven
  else
    HELD=unproven HELD_TEXT="Nobody logged in over a new connection within $WITHIN s."
    if [ -s "$RUN/refused" ]; then read -r HELD_TEXT <"$RUN/refused" && HELD=refused; fi
    revert_access
  fi
  disarm
  exec 8>&-
  [ -z "$HELD" ] || printf '\n== access\n%s\n' "$HELD_TEXT" >>"$RUN/log"
}

await_proof() {
  access_only=
  born >"$RUN/applied.new" && mv -f "$RUN/applied.new" "$RUN/applied"
  say prove "$WITHIN"
  waited=0
  while [ -e "$RUN/armed" ] && [ ! -e "$RUN/proven" ] && [ ! -e "$RUN/refused" ] && [ "$waited" -lt $(((WITHIN + 60) * 5)) ]; do
    sleep 0.2
    waited=$((waited + 1))
  done
}

# The last of the access settings is made, or one has failed.
end_access() {
  access_only=
  [ -z "$HELD" ] || revert_access
}

# When a new process begins, in hundredths of a second since the kernel's start: nobody sets that clock, and the survey asks it of a login.
born() {
  sh -c 'read -r stat </proc/$$/stat; set -- ${stat##*) }; echo "${20}"'
}

# take_back WHY: undoes $step; $stuck says whether that failed. Called as a command of its own: a caller that looks at its
# answer takes the meaning from the set -e in it.
take_back() {
  stuck=
  printf '\n== %s %s\n' "$1" "$step" >>"$RUN/log"
  ( set -e; undo ) >>"$RUN/log" 2>&1 </dev/null
  case $? in
    0) say undone "$step" ;;
    99) ;;
    *) unit_said "$(name_of "$step")"; say stuck "$step"; stuck=yes ;;
  esac
}

# Reverts what may close SSH access, and nothing else.
revert_access() {
  # shellcheck disable=SC2013 # they are numbers
  for step in $(sort -rnu "$RUN/begun" 2>/dev/null); do
    ! is_access "$step" || take_back revert
  done
  # Whatever a unit or a command wrote there.
  sync -f /etc
  # Nobody undoes them twice, and it is no longer armed by the same rename.
  if [ -e "$RUN/armed" ]; then rename_synced "$RUN/armed" "$RUN/reverted"; else true >"$RUN/reverted"; fi
  if [ "${1:-}" != boot ]; then reload_access >>"$RUN/log" 2>&1 </dev/null; fi
  settle_access
}

is_access() {
  case " $ACCESS " in *" $1 "*) ;; *) return 1 ;; esac
}

# guard timer|boot|now: decides for a run whose access settings may not be proven. `now` is the next run, which holds the lock.
guard() {
  command exec 3>>"$RUN/journal" || exec 3>/dev/null
  if [ "$1" = timer ]; then
    unit=foobar-provision-run-$ID.service waited=0
    # A run that is still busy with these settings is not late: they have their time from when they are live.
    while [ -e "$RUN/armed" ] && [ ! -e "$RUN/applied" ] && [ "$waited" -lt 300 ] && systemctl is-active --quiet "$unit"; do
      sleep 1
      waited=$((waited + 1))
    done
    if [ -e "$RUN/applied" ]; then
      read -r since <"$RUN/applied"
      while [ -e "$RUN/armed" ] && [ ! -e "$RUN/proven" ] && [ $(($(born) - since)) -lt $((WITHIN * 100)) ]; do sleep 1; done
    elif [ -e "$RUN/armed" ] && systemctl is-active --quiet "$unit"; then
      # Five minutes in one of these steps: it hangs.
      systemctl kill --signal=KILL "$unit" 2>>"$RUN/log"
      while systemctl is-active --quiet "$unit"; do sleep 0.2; done
    fi
  fi
  lock_guard
  if [ -e "$RUN/armed" ] && [ ! -e "$RUN/proven" ]; then
    advance revert
    revert_access "$1"
    advance reverted
    # A run that is alive goes on, and says itself how it ends.
    if [ "$1" = boot ] || ! systemctl is-active --quiet "foobar-provision-run-$ID.service"; then
      clear_passing
      say end reverted
    fi
  fi
  disarm
}

# Runs that were interrupted before their access settings were proven: these are reverted before anything else is done. Fails where that does not end.
finish_guards() {
  for armed in "$STATE"/runs/*/armed; do
    [ -e "$armed" ] || continue
    sh "${armed%/armed}/script" guard now
    if [ -e "$armed" ]; then return 1; fi
  done
}

# --- the run itself

# begin N NAME: a step that cannot be noted is not made, since nothing would undo it
begin() {
  [ ! -e "$RUN/stop" ] || stop
  step=$1
  printf '%s\n' "$2"
  { printf '\n== %s\n' "$2" >>"$RUN/log" && say begin "$1" "$2" && note_begun "$1"; } 2>>"$RUN/log"
  rc=$?
  [ "$rc" = 0 ]
}

note_begun() {
  printf '%s\n' "$1" >>"$RUN/begun" && { [ -z "$ARMED" ] || sync "$RUN/begun"; }
}

finish() {
  if [ "$rc" = 0 ]; then say ok "$step"; return; fi
  unit_said "$1"
  say fail "$1" "$rc"
  explain
  [ -n "$access_only" ] || roll_back
  HELD=failed HELD_TEXT=$1
}

# fail NAME CODE: the same for what is no step
fail() {
  rc=$2
  finish "$1"
}

# Whether an access setting has failed, and none is made after it.
is_over() {
  [ -n "$access_only" ] && [ -n "$HELD" ]
}

# unit_said NAME: what a unit itself has said since the last step began, and where that is nothing (its file is broken, say), what it said before:
# systemctl only says that it failed.
unit_said() {
  case $1 in service:* | reload:* | restart:*) ;; *) return ;; esac
  set -- "${1#*:}"
  journalctl --sync 2>/dev/null
  said=$(journalctl --quiet --no-pager -o cat -n 12 --since "@$(stat -c %Y "$RUN/begun")" -u "$1" 2>/dev/null)
  [ -n "$said" ] || said=$(journalctl --quiet --no-pager -o short-iso --no-hostname -n 6 -u "$1" 2>/dev/null)
  printf '%s\n' "$said" >>"$RUN/log"
}

# The name of a step by its number, as the journal has it.
name_of() {
  sed -n "s/^begin	$1	//p" "$RUN/journal" | tail -n 1
}

# change N NAME
change() {
  ! is_over || return 0
  if begin "$1" "$2"; then
    ( set -e; apply ) >>"$RUN/log" 2>&1 </dev/null
    rc=$?
  fi
  finish "$2"
}

# handle N ID
handle() {
  ! is_over || return 0
  if begin "$1" "$2"; then
    # A switch may have come to it before.
    if [ -e "$STATE/owed/$NAME/$2" ]; then
      ( set -e; apply ) >>"$RUN/log" 2>&1 </dev/null
      rc=$?
      [ "$rc" != 0 ] || note_handled "$2"
    fi
  fi
  finish "$2"
}

# What a handler took up has to be taken up again where the change is put back.
note_handled() {
  mv -f -- "$STATE/owed/$NAME/$1" "$RUN/handled/"
}

# The last lines of the step that failed, and which disk is full where one is; no secret of this host is in them, whole or cut short.
explain() {
  {
    known_secrets
    # No secret has an empty line, so what follows this one is the log.
    printf '\n'
    cat "$RUN/log"
    printf '\n'
    ! awk '/^== /{ full = 0 } /No space left on device|Disk quota exceeded|I\/O error/{ full = 1 } END { exit !full }' "$RUN/log" || full_disks
  } | LC_ALL=C awk -v most=25 '
    function blotted(rest,  i, start, done, at) {
      for (i = 0; i < secrets; i++) {
        start = substr(secret[i], 1, 8)
        done = ""
        while ((at = index(rest, start)) > 0) {
          done = done substr(rest, 1, at - 1) "(sensitive)"
          rest = substr(rest, at + length(start))
          if (length(secret[i]) > 8) sub(/^[^ \t\047"]*/, "", rest)
        }
        rest = done rest
      }
      return rest
    }
    !is_log && $0 == "" { is_log = 1; next }
    # A key has frames that are no secret, and a last line that may be one sign.
    !is_log { if (length($0) > 3 && !/^-----/) secret[secrets++] = $0; next }
    /^== / { n = 0; next }
    { line[n++ % most] = substr($0, 1, 2000) }
    END { for (i = n > most ? n - most : 0; i < n; i++) if (line[i % most] != "") print "err\t" blotted(line[i % most]) }
  ' >&3
}

# The lines of all secrets that are kept here, and of those that this run and interrupted ones replaced.
known_secrets() {
  for secret in "$SECRETS"/* "$STATE"/runs/*/kept/secret-*; do
    [ ! -s "$secret" ] || { cat "$secret"; echo; }
  done | sed '/^$/d'
}

# The disks on which nothing more fits.
full_disks() {
  df -P -k -l -x squashfs -x iso9660 -x erofs 2>/dev/null | awk 'NR > 1 && $2 > 512 && $4 < 64 && !seen[$6]++ { print "The disk that holds " $6 " is full. Make room there, then run again." }'
  df -P -i -l -x squashfs -x iso9660 -x erofs 2>/dev/null | awk 'NR > 1 && $2 > 0 && $4 < 16 && !seen[$6]++ { print "The disk that holds " $6 " has no inodes left: there are too many files on it. Remove some, then run again." }'
}

clean() {
  clear_passing
  rm -rf "$RUN/secrets" "$RUN/shadow"
  rm -f /run/systemd/system/foobar-provision-check-*.service
  [ ! -s "$RUN/emptied" ] || xargs -d '\n' rmdir --ignore-fail-on-non-empty -- <"$RUN/emptied" 2>/dev/null
}

# What was kept to be put back stays for people to read, but for what holds a secret, in its own file or in another's: of this run, and of those
# that were interrupted.
forget_kept_secrets() {
  set -- "$STATE"/runs/*/kept
  known_secrets | grep -rslF -f - "$@" | xargs -r -d '\n' rm -f --
  rm -rf "$STATE"/runs/*/kept/secret-* "$STATE"/runs/*/kept/self-signed-*
}

# What is live and not proven does not stay.
stop() {
  release_units
  [ -z "$ARMED" ] || { lock_guard; revert_access; disarm; }
  clean
  forget_kept_secrets
  end_generation
  say end stopped
  exit 130
}

roll_back() {
  release_units
  worst=rolled-back
  # They take room that what is put back may need.
  rm -rf "$RUN/shadow"
  # What is undone here is no longer the guard's; where that fails, it tries again.
  [ -z "$ARMED" ] || lock_guard
  # shellcheck disable=SC2013 # they are numbers
  for step in $(sort -rnu "$RUN/begun" 2>/dev/null); do
    # The guard, or this run, has reverted them.
    if [ -e "$RUN/reverted" ] && is_access "$step"; then continue; fi
    take_back undo
    [ -z "$stuck" ] || { explain; worst=failed; }
  done
  [ -z "$UNITS" ] || systemctl daemon-reload
  for handled in "$RUN"/handled/*; do
    [ ! -e "$handled" ] || mv -f -- "$handled" "$STATE/owed/$NAME/"
  done
  if [ -z "$touched" ]; then
    # No service has seen anything of this run, so none has to take up again what was before; a run before it may still owe.
    settle_own
  elif [ "$worst" = rolled-back ]; then
    for owed in "$STATE/owed/$NAME"/*; do
      [ -e "$owed" ] || continue
      printf '\n== undo %s\n' "${owed##*/}" >>"$RUN/log"
      ( set -e; handler "${owed##*/}" ) >>"$RUN/log" 2>&1 </dev/null || { unit_said "${owed##*/}"; say stuck "${owed##*/}"; explain; worst=failed; continue; }
      rm -f "$owed"
    done
  fi
  clean
  forget_arrivals
  end_generation || worst=failed
  if [ "$worst" = rolled-back ]; then
    disarm
    # What a run before this one left undone is so again.
    if [ -e "$RUN/kept/pending" ]; then rename_synced "$RUN/kept/pending" "$PENDING"; else remove_synced "$PENDING"; fi
    forget_kept_secrets
    say end rolled-back
    exit 5
  fi
  say end failed
  exit 1
}

# What this run has taken its releases from.
forget_arrivals() {
  [ ! -s "$RUN/filled" ] || xargs -d '\n' rm -rf -- <"$RUN/filled"
}

commit() {
  release_units
  printf '\n== manifest\n' >>"$RUN/log"
  { note_brought && end_generation && record; } 2>>"$RUN/log" || fail manifest 1
  clean
  remove_unpackaged
  forget_kept_secrets
  prune_releases
  forget_arrivals
  # The last ten runs are kept. Where the clock was set back, none before this one is younger.
  find "$STATE/runs" -mindepth 1 -maxdepth 1 ! -name "$ID" -newer "$RUN" -exec touch -r "$RUN/log" {} +
  # shellcheck disable=SC2012 # the names are ours
  ls -1t "$STATE/runs" | tail -n +11 | while read -r old; do rm -rf "${STATE:?}/runs/$old"; done
  say end ok
}

# What the host remembers of this run. Where the access settings are not live, it says so, and the next command makes them.
record() {
  if [ -n "$HELD" ]; then
    manifest_held | write_record "$STATE/manifests" "${PENDING##*/}" || return
    say held "$HELD" "$HELD_TEXT"
  fi
  rename_synced "$PENDING" "$MANIFEST"
}

# After the last of a configuration its record goes; after the last configuration, all that is ours.
farewell() {
  rm -f "$MANIFEST"
  rm -rf "${STATE:?}/owed/$NAME"
  if [ -z "$(ls -A "$STATE/manifests")" ]; then
    rm -rf "$STATE" "${LOCK%/*}"
    rm -f /var/lib/systemd/timers/stamp-foobar-provision-*.timer
    rmdir --ignore-fail-on-non-empty -p "$SECRETS" 2>/dev/null || true
  fi
}

# --- secrets: made here, kept here, in files of root's alone

keep_before() {
  ( umask 077 && folder_synced "$SECRETS" ) && beside "$SECRETS/$1" && keep "$SECRETS/$1" "secret-$1"
}

write_secret() {
  write_record "$SECRETS" "$1" && [ -s "$SECRETS/$1" ]
}

make_secret() {
  keep_before "$1" || return
  [ -s "$SECRETS/$1" ] || LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 32 | write_secret "$1"
}

keep_secret() {
  keep_before "$1" || return
  if [ ! -e "$RUN/secrets/$1" ]; then
    # An exported script holds no secret: whoever runs it has put it there before.
    [ ! -s "$SECRETS/$1" ] || return 0
    printf '%s\n' "This script holds no secrets. Write the one named $1 into $SECRETS/$1 (mode 0600), then run it again."
    return 1
  fi
  write_secret "$1" <"$RUN/secrets/$1"
}

forget_secret() {
  keep_before "$1" && remove_synced "$SECRETS/$1"
}

put_back_secret() {
  put_back "$SECRETS/$1" "secret-$1"
}

# --- certificates: the private keys never leave the host, nor root's folder there

# make_certificate DOMAIN alone|stands-in NAME...: one that is signed by its own key. A key that is there stays, so that nginx never finds a
# key without its certificate.
make_certificate() (
  umask 077
  domain=$1 mode=$2 home=/etc/foobar-provision/tls/$1 self=/etc/foobar-provision/tls/$1/self
  shift 2
  beside "$home/self.new"
  made=$new
  rm -rf "$made"
  mkdir "$made"
  names=subjectAltName=$(printf ',DNS:%s' "$@" | cut -c 2-)
  printf '%s\n' "$*" >"$made/names"
  set -- -nodes -days 3650 -subj '/CN=self-signed by foobar-provision' -addext "$names" -out "$made/fullchain.pem"
  if openssl pkey -in "$self/privkey.pem" -noout 2>/dev/null; then
    openssl req -x509 -key "$self/privkey.pem" "$@"
    for part in fullchain.pem names; do
      [ -e "$self/$part" ] || continue
      beside "$self/$part"
      keep "$self/$part" "self-signed-$domain-$part"
    done
    move_synced "$made/fullchain.pem" "$self/fullchain.pem"
    move_synced "$made/names" "$self/names"
  else
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -keyout "$made/privkey.pem" "$@"
    # What an earlier run laid beside it, to be checked with it, stays.
    [ ! -e "$self/http.conf" ] || cp -a "$self/http.conf" "$made/http.conf"
    rm -rf "$self"
    move_synced "$made" "$self"
  fi
  if [ "$mode" = stands-in ] && [ ! -e "$home/now/fullchain.pem" ]; then link_synced "$home/now" self; fi
)

put_back_certificate() {
  home=/etc/foobar-provision/tls/$1
  if [ -e "$RUN/kept/self-signed-$1-fullchain.pem" ]; then
    put_back "$home/self/fullchain.pem" "self-signed-$1-fullchain.pem" && put_back "$home/self/names" "self-signed-$1-names"
  else
    rm -rf "$home/self"
    [ "$(readlink "$home/now")" != self ] || remove_synced "$home/now"
  fi
}

forget_certificate() {
  ! command -v certbot >/dev/null || certbot delete --non-interactive --cert-name "$1" || true
  rm -f "/etc/foobar-provision/tls/$1/now" "/var/lib/foobar-provision/certificates/$1" "/var/lib/foobar-provision/certificates/$1.said"
  [ ! -d /var/lib/foobar-provision/certificates ] || rmdir --ignore-fail-on-non-empty /var/lib/foobar-provision/certificates
}

# --- the database: statements travel by standard input, and so do the secrets in them

# sql_filled SECRET: statements on standard input, with the secret in its places
sql_filled() {
  ( umask 077 && cat >"$RUN/secrets/statement" )
  fill "$RUN/secrets/statement" "$1"
  sql <"$RUN/secrets/statement"
  rm -f "$RUN/secrets/statement"
}

# confined USER COMMAND PROPERTY...: a command of the shell's, as what runs beside a site does: its user, and the walls of its sandbox
confined() {
  confined_user=$1 confined_command=$2
  shift 2
  for property; do
    set -- "$@" "--property=$property"
    shift
  done
  systemd-run --quiet --wait --collect --pipe --property=User="$confined_user" --property=Group="$confined_user" "$@" -- /bin/sh -c "$confined_command"
}

# client_words: the client as a command, which runs no program and reads no file for what it is fed where it knows how to refuse that
client_words() {
  if command -v mariadb >/dev/null; then
    printf 'env HOME=/nonexistent mariadb --defaults-file="$CREDENTIALS_DIRECTORY/client.cnf" --skip-ssl'
    ! mariadb --no-defaults --help 2>/dev/null | grep -q -e ' --sandbox ' || printf ' --sandbox'
  else
    printf 'env HOME=/nonexistent mysql --defaults-file="$CREDENTIALS_DIRECTORY/client.cnf" --ssl-mode=DISABLED'
    ! mysql --no-defaults --help 2>/dev/null | grep -q -e ' --system-command' || printf ' --system-command=OFF'
  fi
}

# as_application USER SECRET DATABASE OWNER PROPERTY...: statements on standard input, with the application's own credentials. A client obeys
# what it is fed also outside of the database (`system`, `source`, `tee`), so it runs as the site's user and where the site's programs do.
as_application() {
  ( umask 077 && client_file "$1" "{{secret:$2}}" >"$RUN/secrets/client.cnf" )
  fill "$RUN/secrets/client.cnf" "$2"
  statements="exec $(client_words) --batch --skip-column-names $3" owner=$4
  shift 4
  confined "$owner" "$statements" "LoadCredential=client.cnf:$RUN/secrets/client.cnf" "$@"
  answered=$?
  rm -f "$RUN/secrets/client.cnf"
  return "$answered"
}

# migrate DATABASE USER SECRET NAME FILE OWNER PROPERTY...: the file and its record, in one transaction where the database allows that
migrate() {
  database=$1 account=$2 secret=$3 name=$4 file=$5 owner=$6
  shift 6
  {
    printf '%s\n' 'SET lock_wait_timeout = 60; CREATE TABLE IF NOT EXISTS foobar_migrations (name VARCHAR(190) PRIMARY KEY, applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);' 'START TRANSACTION;'
    cat "$file"
    printf "\n;INSERT INTO foobar_migrations (name) VALUES ('%s');\nCOMMIT;\n" "$name"
  } >"$RUN/migration"
  as_application "$account" "$secret" "$database" "$owner" RuntimeMaxSec=1800 "$@" <"$RUN/migration" 2>"$RUN/migration.errors" && return
  [ -s "$RUN/migration.errors" ] || printf '%s\n' "$name did not end within 30 minutes."
  cat "$RUN/migration.errors"
  # The client counts the two lines before the file's own.
  at=$(sed -n 's/^ERROR\( [^:]*\)\{0,1\} at line \([0-9]*\).*/\2/p' "$RUN/migration.errors" | head -n 1)
  [ "${at:-0}" -le 2 ] || printf '%s, line %s: %s\n' "$name" "$((at - 2))" "$(sed -n "${at}p" "$RUN/migration")"
  explain_lock
  return 1
}

explain_lock() {
  ! grep -q '^ERROR 1205 ' "$RUN/migration.errors" ||
    printf '%s\n' "Another connection has held what $name needs for a minute. SHOW PROCESSLIST in $database tells which; end it, and run again."
}

# migrate_unread ...: the same where the plan could not read which migrations are recorded
migrate_unread() {
  name=$4 database=$1
  (
    account=$2 secret=$3 owner=$6
    shift 6
    printf "SET lock_wait_timeout = 60; SELECT 'recorded' FROM foobar_migrations WHERE name = '%s' LIMIT 1;" "$name" |
      as_application "$account" "$secret" "$database" "$owner" RuntimeMaxSec=300 "$@" >"$RUN/recorded" 2>"$RUN/migration.errors"
  ) || grep -q '^ERROR 1146 ' "$RUN/migration.errors" || { cat "$RUN/migration.errors"; explain_lock; return 1; }
  if grep -qx recorded "$RUN/recorded"; then printf '%s\n' "$name is recorded."; else migrate "$@"; fi
}

# --- the switch

# A release that was not fit to be visited stays for a look, the last one of them.
set_release_aside() {
  rm -rf -- "${1%/*}/.${1##*/}.filling"
  [ -d "$1" ] || return 0
  rm -rf -- "${1%/*}"/*.failed "$1.sock"
  site=${1%/releases/*}
  # A file system that is full needs its room more.
  if has_room "${1%/*}"; then mv -T -- "$1" "$1.failed"; else rm -rf -- "$1" "$STATE/releases/${site##*/}/${1##*/}"; fi
}

# has_room FOLDER: 64 MB, and a thousand files where there is a limit
has_room() {
  [ "$(df -Pk "$1" | awk 'END { print $4 }')" -ge 65536 ] && [ "$(df -Pi "$1" | awk 'END { print ($2 + 0 > 0 ? $4 : 1000) }')" -ge 1000 ]
}

ask() {
  perl /usr/local/lib/foobar-provision/ask "$@"
}

# Seconds that a release has to answer one request before anyone is sent to it.
patience=20

# probe PROTOCOL SOCKET SCHEME HOST DOCROOT PATH...
probe() {
  protocol=$1 socket=$2 release=${5#*/releases/} site=${5%%/releases/*}
  shift 2
  release=${release%%/*} errors=/var/log/php/${site##*/}/error.log
  # What other releases have written there before is not this one's.
  before=$(stat -c %s "$errors" 2>/dev/null || printf 0)
  ask probe "$protocol" "$socket" "$patience" "$@" && return
  # The folder is the site's, and so are the rights with which it is read.
  read_log "$(stat -c %U "${errors%/*}")" "$errors" "+$((before + 1))" >"$RUN/said"
  tail -n 8 "$RUN/said"
  printf '%s\n' "The release $release is not fit to be visited, and nobody was sent to it. For a look it is kept as $site/releases/$release.failed." \
    'Correct it, and deploy again.'
  return 1
}

# read_log USER FILE BYTES: the end of a log as its owner may read it: a regular file, and no more than fits
read_log() {
  # shellcheck disable=SC2016 # the inner shell expands it
  as_user "$1" 5 sh -c '[ ! -L "$1" ] && [ -f "$1" ] && tail -c "$2" -- "$1" | tail -c 65536' sh "$2" "$3" 2>/dev/null
}

# warm OLD_SOCKET OLD_RELEASE SOCKET RELEASE: what the old one has compiled is compiled of the new one. It helps, and nothing depends on it.
warm() {
  [ ! -S "$1" ] || ask warm fastcgi "$3" 60 /usr/local/lib/foobar-provision/opcache.php "$4" "$1" "$2" || true
}

# run_hook RELEASE USER ENVIRONMENT COMMAND PROPERTY...: with the application's rights and within its walls
run_hook() {
  folder=$1 user=$2 environment=$3 hook=$4
  shift 4
  confined "$user" "$hook" "WorkingDirectory=$folder" "EnvironmentFile=$environment" RuntimeMaxSec=1800 "$@"
}

# record_release LINK RELEASE TEXT NEED...: what goes back with this release when it is gone back to, and the names of what it cannot run without
record_release() {
  record=${1%/*}
  before=$RUN/kept/record-${record##*/}-$2 record=$STATE/releases/${record##*/}/$2
  if [ ! -e "$before" ]; then
    mkdir -p "$before"
    for known in "$record/live.json" "$record/needs"; do [ ! -e "$known" ] || cp -a -- "$known" "$before/"; done
  fi
  text=$3
  shift 3
  for need; do printf '%s\n' "$need"; done | write_record "$record" needs
  printf '%s\n' "$text" | write_record "$record" live.json
}

# unrecord_release LINK RELEASE: as it was recorded before
unrecord_release() {
  record=${1%/*}
  before=$RUN/kept/record-${record##*/}-$2 record=$STATE/releases/${record##*/}/$2
  [ -d "$before" ] || return 0
  rm -f -- "$record/live.json" "$record/needs"
  cp -a -- "$before/." "$record/"
  sync_tree "$record"
}

# switch_release LINK TARGET SOCKET KEEP DOCROOT [RULES VERSION]: KEEP is 0 where a switch is undone. DOCROOT is the folder that nginx serves; its
# link is what visitors see, so the release and its docroot are theirs by one rename. RULES is the link to how nginx serves it. Where that turns,
# nginx's workers of before stay with what was live until they have gone, and those that come have both.
switch_release() {
  site=${1%/*} left=$(readlink "$1" || true) coming=${2##*/} rules=${6:-} turns=
  if [ -n "$rules" ] && [ "$(readlink "$rules")" != "$7" ]; then turns=yes; fi
  if [ -n "$turns" ]; then
    owe reload:nginx.service
    [ ! -d "$rules" ] || stay_behind "$site" "$(readlink -f "$rules")"
  fi
  [ "$4" = 0 ] || note_keep "$site" "$4"
  # A run that was killed between a switch and the note of it.
  [ "$4" = 0 ] || [ -z "$left" ] || note_live "$site" "${left##*/}"
  if [ -n "$3" ]; then link_synced "$site/$2.sock" "$3"; else remove_synced "$site/$2.sock"; fi
  [ "$4" = 0 ] || note_previous "$site" "$2"
  if [ -n "$5" ]; then link_synced "$site/docroot" "$5"
  elif [ "$4" = 0 ]; then remove_synced "$site/docroot"; fi
  # Also where they stay: a run that was killed may have left them behind.
  if [ -n "$rules" ]; then follow_live "$site" "${rules%/*}/$7"; fi
  if [ -n "$turns" ]; then link_synced "$rules" "$7"; fi
  if [ -n "$rules" ] && [ -e "$STATE/owed/$NAME/reload:nginx.service" ]; then reload_nginx; fi
  link_synced "$1" "$2"
  [ "$left" = "$2" ] || [ ! -L "$site/$left.sock" ] || note_left "$site" "${left##*/}" || [ "$4" = 0 ]
  if [ "$4" = 0 ]; then restore_previous "$site"; restore_history "$site"; return; fi
  note_live "$site" "${2##*/}"
  touch "$1/"
}

# follow_live SITE RULES: these serve whatever is live
follow_live() {
  [ "$(readlink "$2/docroot")" != "$1/docroot" ] || return 0
  link_synced "$2/previous" "$1/previous" && link_synced "$2/docroot" "$1/docroot"
}

# stay_behind SITE RULES: these serve what is live now, whatever comes, and of what comes the files that its pages name; a run that was killed
# may have seen to that before it switched the docroot
stay_behind() {
  [ "$(readlink "$2/docroot")" = "$1/docroot" ] || return 0
  link_synced "$2/docroot" "$1/$(readlink "$1/docroot")" && link_synced "$2/previous" "$1/docroot"
}

# lay_docroot SITE TARGET: an older version of this program had nginx serve a folder of its link to the live release
lay_docroot() {
  [ -L "$1/docroot" ] || link_synced "$1/docroot" "$2"
}

# lay_rules SITE LINK VERSION: the first
lay_rules() {
  follow_live "$1" "${2%/*}/$3" && link_synced "$2" "$3"
}

# check_rules LINK VERSION: nginx is asked in a mount namespace of its own, in which they are live
check_rules() {
  unshare -m true 2>/dev/null || return 0
  copy=$RUN/shadow/etc/nginx
  mkdir -p "$copy"
  cp -a /etc/nginx/. "$copy"
  link_synced "$copy${1#/etc/nginx}" "$2"
  # shellcheck disable=SC2016 # the inner shell expands it
  unshare -m sh -c 'mount --bind "$1" /etc/nginx && exec nginx -t -q' sh "$copy"
  rm -rf "$RUN/shadow"
}

# reload_nginx: it has ended when no worker of before takes a request any more. Where nginx cannot use what it was given it goes on with what it
# had, and tells its log alone.
reload_nginx() {
  nginx -t -q
  master=$(systemctl show --property=MainPID --value nginx)
  if [ "$master" != 0 ]; then
    workers=$(grep -slx "PPid:	$master" /proc/[0-9]*/status || true)
    systemctl reload nginx
    waited=0
    for worker in $workers; do
      while [ -e "$worker" ] && ! grep -qs 'is shutting down' "${worker%/status}/cmdline"; do
        [ "$waited" -lt 300 ] || { printf '%s\n' 'After 30 s nginx still serves by the configuration that it had.'; tail -n 5 /var/log/nginx/error.log; return 1; }
        sleep 0.1
        waited=$((waited + 1))
      done
    done
  fi
  note_handled reload:nginx.service
}

# unswitch LINK: the undo of a site's first switch
unswitch() {
  rm -f -- "$1" "${1%/*}/docroot" "${1%/*}/previous"
  sync "${1%/*}"
  restore_history "${1%/*}"
}

# note_previous SITE TARGET: what is served now is what pages that are still open were made for; nginx finds their files there after the switch
note_previous() {
  served=$(readlink "$1/docroot") || return 0
  # A run that was killed half-way may have switched it, and another docroot of the same release is none before it.
  case $served/ in "$2"/*) return 0 ;; esac
  previous=$(readlink "$1/previous" || true)
  [ -e "$RUN/kept/previous-${1##*/}" ] || printf '%s\n' "$previous" >"$RUN/kept/previous-${1##*/}" || return
  link_synced "$1/previous" "$served"
}

restore_previous() {
  [ -e "$RUN/kept/previous-${1##*/}" ] || return 0
  served=$(cat "$RUN/kept/previous-${1##*/}")
  if [ -n "$served" ]; then link_synced "$1/previous" "$served"; else remove_synced "$1/previous"; fi
}

# The order in which releases were live is counted on the host and told by no clock: a line "NUMBER RELEASE" each, the live one last.
# Where nothing was counted yet, the releases that were recorded as live, in the order of their switches, but for the one that is to be.
coming=
history_of() {
  if [ -s "$STATE/releases/${1##*/}/history" ]; then cat "$STATE/releases/${1##*/}/history"; return; fi
  find "$1/releases" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %f\n' | sort -n | while read -r _ known; do
    [ "$known" = "$coming" ] || [ ! -s "$STATE/releases/${1##*/}/$known/live.json" ] || printf '%s\n' "$known"
  done | awk '{ print NR, $1 }'
}

# note_live SITE RELEASE: it is the last one now
note_live() {
  records=$STATE/releases/${1##*/}
  history_of "$1" >"$RUN/history"
  [ -e "$RUN/kept/history-${1##*/}" ] || cp "$RUN/history" "$RUN/kept/history-${1##*/}"
  [ ! -s "$records/history" ] || [ "$(sed -n '$s/^[0-9]* //p' "$records/history")" != "$2" ] || return 0
  awk -v live="$2" '{ if ($1 + 0 > last) last = $1 + 0 } $2 != live { print } END { print last + 1, live }' "$RUN/history" |
    write_record "$records" history
}

# It is renamed: a full disk has no room for a copy.
restore_history() {
  [ ! -e "$RUN/kept/history-${1##*/}" ] || move_synced "$RUN/kept/history-${1##*/}" "$STATE/releases/${1##*/}/history"
}

note_keep() {
  kept=
  { read -r kept <"$STATE/releases/${1##*/}/keep"; } 2>/dev/null || true
  [ "$kept" = "$2 $1" ] || printf '%s %s\n' "$2" "$1" | write_record "$STATE/releases/${1##*/}" keep
}

# note_left SITE RELEASE: when it was left, by a clock that nobody sets
note_left() {
  read -r boot </proc/sys/kernel/random/boot_id
  read -r up _ </proc/uptime
  records=$STATE/releases/${1##*/}
  { [ ! -e "$records/left" ] || grep -F "$boot " "$records/left" | grep -v " $2\$"; printf '%s %s %s\n' "$boot" "${up%%.*}" "$2"; } |
    write_record "$records" left
}

# The releases beyond a site's number go when a run has succeeded, and with them what only they were answered by: also those that an
# interrupted run has left.
prune_releases() {
  for keep in "$STATE"/releases/*/keep; do
    [ -s "$keep" ] || continue
    read -r number site <"$keep"
    prune "$site" "$number"
  done
}

# Seconds in which a request may still be under way in a release that was left, by the limits of nginx and of what answers; it stays for them.
under_way=65

# prune SITE KEEP: the live release stays, and those that were live before it, the last ones; one that never was live does not.
prune() {
  [ -d "$1/releases" ] || return 0
  live=$(readlink "$1/current" || true) served=$(readlink "$1/docroot" || true)
  served=${served#releases/}
  find "$1/releases" -mindepth 1 -maxdepth 1 -type d ! -name '.*' ! -name '*.failed' -printf '%f\n' >"$RUN/releases"
  # The live one first, then the others from the last one on.
  { printf '0 %s\n' "${live##*/}"; history_of "$1" | sort -rn; } |
    awk -v most="$2" 'NR == FNR { there[$0]; next } $2 in there && !seen[$2]++ && count++ < most { print $2 }' "$RUN/releases" - >"$RUN/stay" || return 0
  [ -z "$served" ] || printf '%s\n' "${served%%/*}" >>"$RUN/stay" || return 0
  if [ -e "$STATE/releases/${1##*/}/left" ]; then
    read -r boot </proc/sys/kernel/random/boot_id
    read -r up _ </proc/uptime
    awk -v boot="$boot" -v since="$((${up%%.*} - under_way))" '$1 == boot && $2 + 0 > since + 0 { print $3 }' "$STATE/releases/${1##*/}/left" >>"$RUN/stay" || return 0
  fi
  # Where nothing is known to stay, nothing goes.
  [ -s "$RUN/stay" ] || return 0
  grep -vxF -f "$RUN/stay" "$RUN/releases" | while read -r old; do
    printf '%s\n' "$1/releases/$old" "$1/releases/$old.sock" "$STATE/releases/${1##*/}/$old" >>"$RUN/filled"
  done
  links='' needs=''
  sort -u -o "$RUN/stay" "$RUN/stay"
  while read -r kept; do
    links="$links $1/releases/$kept.sock" needs="$needs $STATE/releases/${1##*/}/$kept/needs"
  done <"$RUN/stay"
  # shellcheck disable=SC2086 # the names are ours
  sockets=$(readlink -- $links)
  # shellcheck disable=SC2086
  cat $needs >"$RUN/needed" 2>/dev/null
  for instance in "/etc/foobar-provision/instances/${1##*/}"/*/; do
    instance=${instance%/}
    [ -d "$instance" ] || continue
    case $sockets in *"/${instance##*/}.sock"*) ;; *) printf '%s\n' "$instance" >>"$RUN/filled" ;; esac
  done
  for rules in "/etc/nginx/foobar-rules/${1##*/}"/*/; do
    rules=${rules%/}
    if [ ! -d "$rules" ] || [ -L "$rules" ] || [ "${rules##*/}" = "$(readlink "${rules%/*}/now")" ]; then continue; fi
    grep -qxF "directory:$rules" "$RUN/needed" || printf '%s\n' "$rules" >>"$RUN/filled"
  done
  forget_gone "$1"
}

# The history forgets releases that are there no more; the live one is last, so the count goes on.
forget_gone() {
  [ -s "$STATE/releases/${1##*/}/history" ] || return 0
  kept=$(awk 'NR == FNR { stays[$0]; next } $2 in stays' "$RUN/stay" "$STATE/releases/${1##*/}/history")
  [ "$kept" = "$(cat "$STATE/releases/${1##*/}/history")" ] || printf '%s\n' "$kept" | write_record "$STATE/releases/${1##*/}" history
}

# make_swap MIB: made beside its place, so that what has the name is whole
make_swap() {
  { ! grep -q '^/swapfile ' /proc/swaps || swapoff /swapfile; } &&
    rm -f /swapfile.new && passing /swapfile.new && ( umask 077 && fallocate -l "$1M" /swapfile.new ) && chmod 0600 /swapfile.new &&
    mkswap /swapfile.new && move_synced /swapfile.new /swapfile
}

# --- the packet filter: a table is replaced whole, in one transaction of the kernel's

keep_table() {
  if nft -t list table inet "$1" >/dev/null 2>&1; then rules=$(nft -s list table inet "$1") || return; else rules=; fi
  printf '%s\n' "$rules" >"$RUN/kept/$step"
}

# Debian's nftables.service has taken it along where that was stopped just before.
drop_table() {
  ! nft -t list table inet "$1" >/dev/null 2>&1 || nft delete table inet "$1"
}

put_back_table() {
  [ -e "$RUN/kept/$step" ] || return 0
  printf 'table inet %s\ndelete table inet %s\n' "$1" "$1" | cat - "$RUN/kept/$step" | nft -f -
}

# --- apt repositories

# add_repository NAME SOURCES KEY
add_repository() {
  keep_repository "$1" && lay "/etc/apt/keyrings/$1.asc" "$3" && lay "/etc/apt/sources.list.d/$1.sources" "$2" && UPDATE=yes LISTS=
}

# lay PATH TEXT: a file that everybody may read, without a look at what it is
lay() {
  beside "$1" && printf '%s' "$2" >"$new.laid" && move_synced "$new.laid" "$1"
}

keep_repository() {
  for kept in "/etc/apt/keyrings/$1.asc" "/etc/apt/sources.list.d/$1.sources"; do
    beside "$kept" && keep "$kept" "${kept##*/}" || return
  done
  made "$1"
}

drop_repository() {
  keep_repository "$1" && remove_synced "/etc/apt/keyrings/$1.asc" && remove_synced "/etc/apt/sources.list.d/$1.sources" && UPDATE=yes LISTS=
}

put_back_repository() {
  was_made "$1" || return 0
  for kept in "/etc/apt/keyrings/$1.asc" "/etc/apt/sources.list.d/$1.sources"; do
    put_back "$kept" "${kept##*/}" || return
  done
}
