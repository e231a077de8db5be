# The packet filter: a table is replaced whole, in one transaction of the kernel's.

keep_table() {
  if nft -t list table inet "$1" >/dev/null 2>&1; then rules=$(nft -s list table inet "$1") || return; else rules=; fi
  printf '%s\n' "$rules" >"$RUN/kept/$step"
}

# Debian's nftables.service has taken it along where that was stopped just before.
drop_table() {
  ! nft -t list table inet "$1" >/dev/null 2>&1 || nft delete table inet "$1"
}

restore_table() {
  [ -e "$RUN/kept/$step" ] || return 0
  printf 'table inet %s\ndelete table inet %s\n' "$1" "$1" | cat - "$RUN/kept/$step" | nft -f -
}
