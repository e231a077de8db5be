# The packet filter: the kernel replaces a whole table in one transaction.

back_up_table() {
  if nft -t list table inet "$1" >/dev/null 2>&1; then rules=$(nft -s list table inet "$1") || return; else rules=; fi
  printf '%s\n' "$rules" >"$RUN/kept/$step"
}

# remove_table NAME: removes a table, unless it was removed by Debian's nftables.service, which removes all tables when it stops
remove_table() {
  ! nft -t list table inet "$1" >/dev/null 2>&1 || nft delete table inet "$1"
}

restore_table() {
  [ -e "$RUN/kept/$step" ] || return 0
  printf 'table inet %s\ndelete table inet %s\n' "$1" "$1" | cat - "$RUN/kept/$step" | nft -f -
}
