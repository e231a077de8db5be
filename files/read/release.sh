# The current state of a site's releases.

# read_release PATH RECORDS LIVE: prints whether the release exists, and the state of its files, or else of the live release's files
read_release() {
  if [ -d "$1" ]; then
    printf 'there\t%s\n' "$1"
    known=$1
  else
    known=$(readlink -e -- "$3") || return 0
  fi
  [ -e "$2/${known##*/}/stat" ] || return 0
  printf 'known\t%s\t%s\t%s\n' "$1" "$known" "$2/${known##*/}"
  releases check "$known" "$2/${known##*/}"
}

# read_installers PATH RECORDS USER INSTALLER SHARED FILE LOCK: prints whether one of the site's releases has an installer although the application is installed
read_installers() {
  for release in "${1%/*}"/*/; do
    release=${release%/}
    if [ ! -d "$release/$4" ] || [ -L "$release" ]; then continue; fi
    if application_is_installed "$5/$6" "$3" "$2/${release##*/}/apart.d/$6" "$7"; then printf 'installer\t%s\n' "$1"; fi
    return 0
  done
}
