# Room on a disk is taken before it is needed.

# reserve FILE: room for what is appended to it, where the file system can
reserve() {
  said=$(fallocate --keep-size --length 64KiB "$1" 2>&1) || case $said in *'not supported'*) ;; *) printf '%s\n' "$said" >&2; return 1 ;; esac
}
