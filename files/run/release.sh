# --- releases: filled beside their place, renamed into it

# fill_release PATH DIGEST SITE SHARED USER COUNT [WRITABLE...] [LINK...]: COUNT says how many of the last are folders that PHP may write
fill_release() {
  release=$1 digest=$2 shared=$4 owner=$5 writable=$6
  record=$STATE/releases/$3/${1##*/} from=$STATE/incoming/$2
  shift 6
  [ -d "$from/files" ] || { printf '%s\n' "The application's files did not arrive in $from."; return 1; }
  filling=${release%/*}/.${release##*/}.filling
  # Runs that were cut off leave theirs.
  rm -rf "${release%/*}"/.*.filling "$record"
  forget_releases "${record%/*}" "${release%/*}"
  mkdir -p "${release%/*}"
  ( umask 077 && mkdir -p "$record/apart.d" )
  # `list`, and `linked` where it was made from another release.
  cp -- "$from"/li[sn]* "$from/release.json" "$record/"
  # Moved where this run needs it once; linked where two sites have the same application.
  if [ "$(grep -c "^fill_release [^ ]* $digest " "$SELF")" = 1 ]; then mv -T -- "$from/files" "$filling"
  else cp -al -- "$from/files" "$filling" 2>/dev/null || { rm -rf "$filling"; cp -a -- "$from/files" "$filling"; }; fi
  printf '%s\n' "$from" >>"$RUN/filled"
  [ $# = 0 ] || printf '%s\0' "$@" >"$record/apart"
  while [ "$writable" -gt 0 ]; do
    set_apart "$1"
    # A copy: an earlier release may have the same files, and they are not this one's owner's.
    if [ -e "$record/apart.d/$1" ]; then cp -a -- "$record/apart.d/$1" "$filling/$1"; else mkdir -p "$filling/$1"; fi
    chown -R "$owner:$owner" "$filling/$1"
    shift
    writable=$((writable - 1))
  done
  for link; do
    case $link in */*) up=$(printf '%s' "${link%/*}" | sed 's,[^/]*,..,g')/../.. ; mkdir -p "$filling/${link%/*}" "$shared/${link%/*}" ;; *) up=../.. ;; esac
    set_apart "$link"
    if [ ! -e "$shared/$link" ]; then
      if [ -e "$record/apart.d/$link" ]; then cp -a -- "$record/apart.d/$link" "$shared/$link"; else share "$shared/$link"; fi
      chown -R "$owner:$owner" "$shared/$link"
    fi
    ln -s -- "$up/shared/$link" "$filling/$link"
  done
  touch "$filling"
  releases record "$filling" "$record" "$digest"
  sync -f "$filling"
  mv -T -- "$filling" "$release"
}

# What the release has in another form is kept as it came, for the releases after it.
set_apart() {
  case $1 in */*) mkdir -p "$record/apart.d/${1%/*}" "$filling/${1%/*}" ;; esac
  if [ -e "$record/apart.d/$1" ]; then rm -rf -- "${filling:?}/$1"
  elif [ -e "$filling/$1" ] || [ -L "$filling/$1" ]; then mv -T -- "$filling/$1" "$record/apart.d/$1"; fi
}

# What a release does not bring is made as its name looks: a file where that has an ending, a folder otherwise.
share() {
  case ${1##*/} in .env* | ?*.*) : >"$1" ;; *) mkdir -p "$1" ;; esac
}

# forget_releases RECORDS RELEASES: what is known of releases that are no longer there
forget_releases() {
  for known in "$1"/*; do
    [ -d "$known" ] || continue
    [ -d "$2/${known##*/}" ] || [ -d "$2/${known##*/}.failed" ] || rm -rf -- "$known"
  done
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
  sync -f "$1"
}

# What was there comes back; what was missing may stay.
unmend_release() {
  [ ! -d "$RUN/kept/$step" ] || cp -a --remove-destination -- "$RUN/kept/$step/." "$1/"
}
