# Environment variables of a site that are stored on the host, beside its instances (root, 0700):
#   values/NAME     the value, byte for byte
#   lines/NAME      NAME="value", in systemd's notation
#   versions/ID     all lines, for EnvironmentFile=; it never changes
#   names           the current version, and the names in it

# store_variable FOLDER NAME BYTES: stores a variable. Its value is the first BYTES bytes of standard input, and its line is the rest.
store_variable() {
  head -c "$3" | write_record "$1/values" "$2" && write_record "$1/lines" "$2" && make_version "$1"
}

# remove_variable FOLDER NAME
remove_variable() {
  remove_synced "$1/lines/$2" && remove_synced "$1/values/$2" && make_version "$1"
}

# make_version FOLDER: makes a version of the lines, unless the current one is the same, and removes those that nothing uses
make_version() {
  current=
  { read -r current _ <"$1/names"; } 2>/dev/null || true
  set -- "$1" "$1"/lines/*
  folder=$1
  shift
  if [ ! -e "$1" ]; then
    remove_synced "$folder/names"
  elif ! cat -- "$@" | cmp -s - "$folder/versions/${current:-none}"; then
    # The name tells nothing about the values.
    id=$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
    cat -- "$@" | write_record "$folder/versions" "$id" || return
    names=$(for line; do printf ' %s' "${line##*/}"; done)
    printf '%s%s\n' "$id" "$names" | write_record "$folder" names || return
    current=$id
  fi
  forget_versions "$folder"
}

# forget_versions FOLDER: removes the versions that no unit and no release refers to, except the last ones, which a run may be about to use
forget_versions() {
  domain=${1%/.stored}
  domain=${domain##*/}
  # shellcheck disable=SC2012 # the names are ours
  ls -1t "$1/versions" | tail -n +3 | while read -r old; do
    grep -rqsF ".stored/versions/$old" "${1%/.stored}"/*/ /etc/systemd/system/"$domain"-*.service "$STATE/releases/$domain" || rm -f -- "$1/versions/$old"
  done
}
