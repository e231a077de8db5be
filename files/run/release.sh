# Releases: filled beside their place, renamed into it.

# fill_release PATH DIGEST SITE SHARED USER COUNT [WRITABLE...] [LINK...]: COUNT says how many of the last are folders that PHP may write
fill_release() {
  release=$1 digest=$2 shared=$4 owner=$5 writable=$6
  record=$STATE/releases/$3/${1##*/} from=$STATE/incoming/$2
  shift 6
  [ -d "$from/files" ] || { printf '%s\n' "The application's files did not arrive in $from."; return 1; }
  filling=${release%/*}/.${release##*/}.filling
  passing "$filling"
  rm -rf "$filling" "$record"
  mkdir -p "${release%/*}"
  ( umask 077 && mkdir -p "$record/apart.d" )
  # What lies above it is root's alone; the site's user copies from it, see `fill_shared`.
  chmod 0755 "$record/apart.d"
  # `list`, and `linked` where it was made from another release.
  cp -- "$from"/li[sn]* "$from/release.json" "$record/"
  # Moved where this run needs it once; linked where two sites have the same application.
  if [ "$(grep -c "^fill_release [^ ]* $digest " "$SELF")" = 1 ]; then mv -T -- "$from/files" "$filling"
  else cp -al -- "$from/files" "$filling" 2>/dev/null || { rm -rf "$filling"; cp -a -- "$from/files" "$filling"; }; fi
  printf '%s\n' "$from" >>"$RUN/filled"
  [ $# = 0 ] || printf '%s\0' "$@" >"$record/apart"
  given=$writable
  for folder; do
    [ "$given" -gt 0 ] || break
    given=$((given - 1))
    set_apart "$folder"
    # A copy: an earlier release may have the same files, and they are not this one's owner's.
    if [ -e "$record/apart.d/$folder" ]; then cp -a -- "$record/apart.d/$folder" "$filling/$folder"; else mkdir -p "$filling/$folder"; fi
  done
  given=$writable
  for link; do
    [ "$given" = 0 ] || { given=$((given - 1)); continue; }
    case $link in */*) up=$(printf '%s' "${link%/*}" | sed 's,[^/]*,..,g')/../.. ; mkdir -p "$filling/${link%/*}" ;; *) up=../.. ;; esac
    set_apart "$link"
    fill_shared "$link" || return
    ln -s -- "$up/shared/$link" "$filling/$link"
  done
  give_links "$filling" "$record" "$owner"
  # Last: from here on somebody else may change what lies in them.
  for folder; do
    [ "$writable" -gt 0 ] || break
    writable=$((writable - 1))
    chown -R "$owner:$owner" "$filling/$folder"
  done
  touch "$filling"
  releases record "$filling" "$record" "$digest"
  # The record may be on another file system.
  sync -f "$filling" "$record"
  sync "${record%/*}" "${record%/*/*}"
  rename_synced "$filling" "$release"
}

# What the release has in another form is kept as it came, for the releases after it.
set_apart() {
  case $1 in */*) mkdir -p "$record/apart.d/${1%/*}" "$filling/${1%/*}" ;; esac
  if [ -e "$record/apart.d/$1" ]; then rm -rf -- "${filling:?}/$1"
  elif [ -e "$filling/$1" ] || [ -L "$filling/$1" ]; then mv -T -- "$filling/$1" "$record/apart.d/$1"; fi
}

# fill_shared LINK: what is shared and not there yet, as the release brings it. The folder is the site's, and any path in it may lead anywhere, so
# the site's user does it, who gets nowhere new. What a release does not bring is made as its name looks: a file where that has an ending.
fill_shared() {
  above=$shared/$1
  while above=${above%/*} && [ "$above" != "$shared" ]; do
    # Such folders were once made by root.
    [ -L "$above" ] || [ "$(stat -c %u -- "$above" 2>/dev/null)" != 0 ] || own_folder "$above" 0755 "$owner:$owner" || return
  done
  # shellcheck disable=SC2016 # the inner shell expands it
  ( cd "$record/apart.d" && as_user "$owner" 120 sh -c '
    umask 022
    case $2 in */*) mkdir -p -- "$1/${2%/*}" || exit ;; esac
    if [ -e "$1/$2" ] || [ -L "$1/$2" ]; then exit 0; fi
    if [ -e "$2" ] || [ -L "$2" ]; then cp -R -P --preserve=mode,timestamps,links -- "$2" "$1/$2"
    else case ${2##*/} in .env* | ?*.*) true >>"$1/$2" ;; *) mkdir -p -- "$1/$2" ;; esac; fi' sh "$shared" "$1" ) && return
  printf '%s\n' "$owner could not make $shared/$1, which the release shares. Look at what lies there, and run again."
  return 1
}

# mend_release PATH DIGEST SITE: the files that somebody has touched, as they were sent
mend_release() {
  from=$STATE/incoming/$2 record=$STATE/releases/$3/${1##*/}
  [ -d "$from/files" ] || { printf '%s\n' "The application's files did not arrive in $from."; return 1; }
  printf '%s\n' "$from" >>"$RUN/filled"
  mkdir -p "$RUN/kept/$step"
  releases mend "$1" "$record" "$from/files" "$RUN/kept/$step"
  releases record "$1" "$record" "$2"
  for other in "${record%/*}"/*; do
    [ "$other" = "$record" ] || [ ! -d "${1%/*}/${other##*/}" ] || releases heal "${1%/*}/${other##*/}" "$other" "$1" "$record"
  done
  sync -f "$1" "$record"
}

# What was there comes back; what was missing may stay.
unmend_release() {
  [ ! -d "$RUN/kept/$step" ] || cp -a --remove-destination -- "$RUN/kept/$step/." "$1/"
}

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
