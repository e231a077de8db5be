# Releases: they are filled in a temporary folder, then renamed into place.

# The folder in a release with what we add to it.
own_folder=.foobar-provision

# fill_release PATH DIGEST SITE SHARED USER INSTALLER ONCE LOCK [WRITABLE...] -- [MOUNTED...] -- [LINKED...] -- [WRITTEN...] -- [ADDRESS TARGET]...:
# creates a release from an upload. INSTALLER is left out if the application has written the shared file ONCE and there is no LOCK. MOUNTED, LINKED
# and WRITTEN are the shared paths: the first are mounted where the application runs if they are folders, and the last are missing until the
# application writes them. Nginx serves the shared path TARGET at ADDRESS, which is a path in the release.
fill_release() {
  release=$1 digest=$2 shared=$4 owner=$5 installer=$6 once=$7 lock=$8
  record=$STATE/releases/$3/${1##*/} from=$STATE/incoming/$2
  shift 8
  [ -d "$from/files" ] || { printf '%s\n' "The application's files did not arrive in $from."; return 1; }
  filling=${release%/*}/.${release##*/}.filling
  note_temporary "$filling"
  rm -rf "$filling" "$record"
  [ -d "${release%/*}" ] || mkdir -p "${release%/*}"
  # Only root can enter the folders above `apart.d`, but the site's user copies from this one, see `fill_shared`.
  # shellcheck disable=SC2174 # the mode is only for the last of them
  ( umask 077 && mkdir -p -m 0755 "$record/apart.d" )
  # `list`, and `linked` if it was assembled from another release.
  cp -- "$from"/li[sn]* "$from/release.json" "$record/"
  # Move the files if this run needs them once, and link them if two sites have the same application.
  if [ "$(grep -c "^fill_release [^ ]* $digest " "$SELF")" = 1 ]; then mv -T -- "$from/files" "$filling"
  else cp -al -- "$from/files" "$filling" 2>/dev/null || { rm -rf "$filling"; cp -a -- "$from/files" "$filling"; }; fi
  printf '%s\n' "$from" >>"$RUN/filled"
  part=writable address=
  for path; do
    case $part:$path in
      writable:--) part=mounted ;;
      mounted:--) part=linked ;;
      linked:--) part=written ;;
      written:--) part=served ;;
      writable:*) add_writable "$path" ;;
      mounted:* | linked:* | written:*) add_shared "$path" "$part" || return ;;
      served:*) if [ -z "$address" ]; then address=$path; else add_served "$address" "$path" && address=; fi ;;
    esac
  done
  if [ -n "$installer" ] && [ -d "$filling/$installer" ] && application_is_installed "$shared/$once" "$owner" "$record/apart.d/$once" "$lock"; then
    set_apart "$installer"
  fi
  releases finish "$filling" "$record" "$digest" "$owner" >"$RUN/links"
  [ ! -s "$RUN/links" ] || xargs -r0 chown -h "$owner:$owner" -- <"$RUN/links"
  # Do this last, because from here on the site may change what is in them.
  for folder; do
    [ "$folder" != -- ] || break
    chown -R "$owner:$owner" "$filling/$folder"
  done
  # The record may be on another file system.
  sync -f "$filling" "$record"
  rename_synced "$filling" "$release"
}

# add_writable PATH: gives the release a folder that the site may write
add_writable() {
  set_apart "$1"
  # Copy it, because an earlier release may share the same files, which must not change their owner.
  if [ -e "$record/apart.d/$1" ]; then cp -a -- "$record/apart.d/$1" "$filling/$1"; else mkdir -p "$filling/$1"; fi
}

# add_shared PATH mounted|linked|written: gives the release a shared path: an empty folder in whose place the shared one is mounted, or a link, whose
# target may be missing if the application writes it
add_shared() {
  case $1 in */*) mkdir -p "$filling/${1%/*}" ;; esac
  set_apart "$1"
  fill_shared "$1" "$2" || return
  # A mount of a file would continue to show the old one when another takes its place by a rename. And the administrator may have made a link.
  if [ "$2" = mounted ] && [ -d "$shared/$1" ] && [ ! -L "$shared/$1" ]; then
    mkdir -p "$filling/$1"
    link_below "$filling/$own_folder/mounts" "$1" "$shared/$1"
    printf '%s\0' "$1" >>"$filling/$own_folder/mounted"
  else
    # Use an absolute target, because the application sees the release at another path.
    ln -s -- "$shared/$1" "$filling/$1"
  fi
}

# add_served ADDRESS TARGET: lets nginx reach a shared path, which it does not see in the release. The link belongs to the site, as its target does.
add_served() {
  link_below "$filling/$own_folder/served" "$1" "$shared/$2" && chown -h "$owner:$owner" -- "$filling/$own_folder/served/$1"
}

# link_below FOLDER PATH TARGET: creates a link, and the folders above it
link_below() {
  case $2 in */*) mkdir -p -- "$1/${2%/*}" ;; *) mkdir -p -- "$1" ;; esac
  ln -s -- "$3" "$1/$2"
}

# set_apart PATH: keeps the original of what a release replaces or leaves out, for later releases
set_apart() {
  printf '%s\0' "$1" >>"$record/apart"
  case $1 in */*) mkdir -p "$record/apart.d/${1%/*}" "$filling/${1%/*}" ;; esac
  if [ -e "$record/apart.d/$1" ]; then rm -rf -- "${filling:?}/$1"
  elif [ -e "$filling/$1" ] || [ -L "$filling/$1" ]; then mv -T -- "$filling/$1" "$record/apart.d/$1"; fi
}

# fill_shared LINK [written]: copies what is missing in the shared folder from the release. The folder belongs to the site, and any path in it may point
# anywhere, so this runs with the rights of the site's user. If the release has no such path either, creates a file if the name has an extension,
# and otherwise a folder, unless the application will write it. A folder that exists and is shared for the first time, for
# example because one above it is shared now, is completed from the release once; nothing in it is overwritten, except an empty file.
fill_shared() {
  above=$shared/$1
  while above=${above%/*} && [ "$above" != "$shared" ]; do
    # An earlier version created such folders as root.
    [ -L "$above" ] || [ "$(stat -c %u -- "$above" 2>/dev/null)" != 0 ] || make_owned_folder "$above" 0755 "$owner:$owner" || return
  done
  was=no
  ! was_shared "$1" || was=yes
  # shellcheck disable=SC2016 # the inner shell expands it
  ( cd "$record/apart.d" && as_user "$owner" 120 sh -c '
    umask 022
    case $2 in */*) mkdir -p -- "$1/${2%/*}" || exit ;; esac
    # An application may take an empty file, which an earlier version created here, for its configuration.
    if [ "$3" = no ] && [ -s "$2" ] && [ -f "$1/$2" ] && [ ! -s "$1/$2" ] && [ ! -L "$1/$2" ]; then rm -f -- "$1/$2"; fi
    if [ -e "$1/$2" ] || [ -L "$1/$2" ]; then
      if [ "$3" = yes ] || [ -L "$2" ] || ! [ -d "$2" ] || ! [ -d "$1/$2" ]; then exit 0; fi
      { tar -C "$2" -cf - . || kill $$; } | tar -C "$1/$2" --skip-old-files -xf -
      exit
    fi
    if [ "$4" = written ]; then exit 0; fi
    if [ -e "$2" ] || [ -L "$2" ]; then cp -R -P --preserve=mode,timestamps,links -- "$2" "$1/$2"
    else case ${2##*/} in .env* | ?*.*) true >>"$1/$2" ;; *) mkdir -p -- "$1/$2" ;; esac; fi' sh "$shared" "$1" "$was" "${2:-}" ) && return
  printf '%s\n' "$owner could not create $shared/$1, which the release shares. Check what is there, then run again."
  return 1
}

# leave_out_installers SITE RELEASES INSTALLER: moves the installer out of all releases of a site, also for rollbacks
leave_out_installers() {
  for release in "$2"/*/; do
    release=${release%/}
    record=$STATE/releases/$1/${release##*/} filling=$release
    if [ ! -d "$release/$3" ] || [ -L "$release" ] || [ ! -e "$record/stat" ]; then continue; fi
    # The record is first, so that a power cut in between leaves an installer that the next run moves.
    set_apart "$3"
    printf '%s\n' "$release" >>"$RUN/without-installer-$1"
    sync -f "$release" "$record"
  done
}

# restore_installers SITE INSTALLER: restores them where this run has moved them
restore_installers() {
  [ -e "$RUN/without-installer-$1" ] || return 0
  while read -r release; do
    record=$STATE/releases/$1/${release##*/}
    [ ! -e "$record/apart.d/$2" ] || [ -e "$release/$2" ] || mv -T -- "$record/apart.d/$2" "$release/$2"
    releases unapart "$record" "$2"
    sync -f "$release" "$record"
  done <"$RUN/without-installer-$1"
}

# was_shared LINK: succeeds if another release on the host shares this path
was_shared() {
  for other in "${release%/*}"/*/; do
    if [ -L "$other$1" ] || [ -L "$other$own_folder/mounts/$1" ]; then return 0; fi
  done
  return 1
}

# repair_release PATH DIGEST SITE: replaces the files that somebody has changed by those that were uploaded
repair_release() {
  from=$STATE/incoming/$2 record=$STATE/releases/$3/${1##*/}
  [ -d "$from/files" ] || { printf '%s\n' "The application's files did not arrive in $from."; return 1; }
  printf '%s\n' "$from" >>"$RUN/filled"
  mkdir -p "$RUN/kept/$step"
  releases repair "$1" "$record" "$from/files" "$RUN/kept/$step"
  releases record "$1" "$record" "$2"
  for other in "${record%/*}"/*; do
    [ "$other" = "$record" ] || [ ! -d "${1%/*}/${other##*/}" ] || releases repair_from "${1%/*}/${other##*/}" "$other" "$1" "$record"
  done
  sync -f "$1" "$record"
}

# undo_repair PATH: restores the replaced files. Files that were missing before may stay.
undo_repair() {
  [ ! -d "$RUN/kept/$step" ] || cp -a --remove-destination -- "$RUN/kept/$step/." "$1/"
}

# keep_failed_release PATH: keeps the last release that failed its health check, so that people can inspect it
keep_failed_release() {
  rm -rf -- "${1%/*}/.${1##*/}.filling"
  [ -d "$1" ] || return 0
  site=${1%/releases/*}
  rm -rf -- "${1%/*}"/*.failed "$1.sock" "$site/served/${1##*/}"
  # Unless the file system is full.
  if has_space "${1%/*}"; then mv -T -- "$1" "$1.failed"; else rm -rf -- "$1" "$STATE/releases/${site##*/}/${1##*/}"; fi
}

# has_space FOLDER: succeeds if there is room for 64 MB, and for a thousand files if their number is limited
has_space() {
  [ "$(df -Pk "$1" | awk 'END { print $4 }')" -ge 65536 ] && [ "$(df -Pi "$1" | awk 'END { print ($2 + 0 > 0 ? $4 : 1000) }')" -ge 1000 ]
}
