# The current state of the kernel's packet filter.

# read_table TABLE TEXT: prints whether the table's rules are those of the text. Each version of nft prints rules in its own notation. So the desired
# rules are loaded in a temporary network namespace and printed too, and the two texts are compared. Newer versions print counters after a #.
read_table() {
  nft -t list table inet "$1" >/dev/null 2>&1 || return 0
  live=$(nft -st list table inet "$1" | sed 's/[[:blank:]]*#.*//')
  # shellcheck disable=SC2016 # the inner shell expands it
  wanted=$(printf '%s' "$2" | unshare -n sh -c 'nft -f - && nft -st list table inet "$1"' sh "$1" 2>/dev/null | sed 's/[[:blank:]]*#.*//')
  if [ "$live" = "$wanted" ]; then printf 'same\t%s\n' "$1"; else printf 'other\t%s\n' "$1"; fi
}
