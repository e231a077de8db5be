# make_swap MIB: creates the swap file under another name and renames it, so that a file with its name is complete
make_swap() {
  { ! grep -q '^/swapfile ' /proc/swaps || swapoff /swapfile; } &&
    rm -f /swapfile.new && note_temporary /swapfile.new && ( umask 077 && fallocate -l "$1M" /swapfile.new ) && chmod 0600 /swapfile.new &&
    mkswap /swapfile.new && move_synced /swapfile.new /swapfile
}
