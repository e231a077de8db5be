# The kernel's packet filter, as it is.

# read_table TABLE TEXT: whether its rules are those of the text. nft words rules in its own way, which differs between versions. So it words what
# is wanted too, in a network of its own that is gone with it, and two texts of the same version are compared. What it counts stands behind a #
# in newer ones.
read_table() {
  nft -t list table inet "$1" >/dev/null 2>&1 || return 0
  live=$(nft -st list table inet "$1" | sed 's/[[:blank:]]*#.*//')
  # shellcheck disable=SC2016 # the inner shell expands it
  wanted=$(printf '%s' "$2" | unshare -n sh -c 'nft -f - && nft -st list table inet "$1"' sh "$1" 2>/dev/null | sed 's/[[:blank:]]*#.*//')
  if [ "$live" = "$wanted" ]; then printf 'same\t%s\n' "$1"; else printf 'other\t%s\n' "$1"; fi
}
