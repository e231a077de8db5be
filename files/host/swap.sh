# make_swap MIB: made beside its place, so that what has the name is whole
make_swap() {
  { ! grep -q '^/swapfile ' /proc/swaps || swapoff /swapfile; } &&
    rm -f /swapfile.new && note_temporary /swapfile.new && ( umask 077 && fallocate -l "$1M" /swapfile.new ) && chmod 0600 /swapfile.new &&
    mkswap /swapfile.new && move_synced /swapfile.new /swapfile
}
