# How a site's releases are now.

# read_release PATH RECORDS LIVE: whether it is there, and how the files of it, or of the one that is live, are now
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
