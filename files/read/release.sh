# The current state of a site's releases.

# read_release PATH RECORDS LIVE: prints whether the release exists, and the state of its files, or else of the files of another release that they can
# be copied from: this one if it has failed before, the live one, or the last one that failed
read_release() {
  if [ -d "$1" ]; then
    printf 'there\t%s\n' "$1"
    known=$1
  else
    known=$1.failed
    [ -d "$known" ] || known=$(readlink -e -- "$3") || known=$(find "${1%/*}" -maxdepth 1 -name '*.failed' 2>/dev/null | head -n 1)
    [ -n "$known" ] || return 0
  fi
  record=${known##*/} record=$2/${record%.failed}
  [ -e "$record/stat" ] || return 0
  printf 'known\t%s\t%s\t%s\n' "$1" "$known" "$record"
  releases check "$known" "$record"
}

# read_installers PATH RECORDS USER INSTALLER SHARED FILE: prints whether one of the site's releases has an installer although the application is installed
read_installers() {
  for release in "${1%/*}"/*/; do
    release=${release%/}
    if [ ! -d "$release/$4" ] || [ -L "$release" ]; then continue; fi
    if application_is_installed "$5/$6" "$3" "$2/${release##*/}/apart.d/$6"; then printf 'installer\t%s\n' "$1"; fi
    return 0
  done
}
