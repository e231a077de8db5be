# The script that last read this host, kept to be run again. POSIX sh.

# release_changes marks|names [DOMAIN NEXT]...: prints a script of sed(1) that replaces the names of each site's next and live release with marks, or the
# reverse. The script of the next deploy differs only in these names.
release_changes() {
  to=$1
  shift
  while [ $# -gt 0 ]; do
    live=$(readlink -- "$SITES/$1/current") live=${live##*/}
    for each in "$2 @next $1@" "${live:-none} @live $1@"; do
      if [ "$to" = marks ]; then printf 's/%s/%s/g\n' "${each%% *}" "${each#* }"; else printf 's/%s/%s/g\n' "${each#* }" "${each%% *}"; fi
    done
    shift 2
  done
}

# read_ahead FILE [DOMAIN NEXT]...: prints the checksum of the script in FILE and runs it
read_ahead() {
  [ -e "$1" ] || return 0
  file=$1
  shift
  script=$(sed "$(release_changes names "$@")" "$file")
  printf '%s\n' "$script" | sha256sum
  eval "$script"
}

# keep_reads FOLDER NAME [DOMAIN NEXT]...: keeps the script on standard input, unless this host has not been provisioned yet
keep_reads() {
  [ -d "$STATE/manifests" ] || return 0
  folder=$1 name=$2
  shift 2
  sed "$(release_changes marks "$@")" | write_record "$folder" "$name"
}
