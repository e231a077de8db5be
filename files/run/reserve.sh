# Reserving disk space before it is needed.

# reserve FILE: reserves room at the end of a file if the file system supports that
reserve() {
  said=$(fallocate --keep-size --length 64KiB "$1" 2>&1) || case $said in *'not supported'*) ;; *) printf '%s\n' "$said" >&2; return 1 ;; esac
}
