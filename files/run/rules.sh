# nginx's rules for a site's releases, which change with the release.

# queue_following SITE RULES: lets these rules serve whichever release is live
queue_following() {
  queue_link "$2/live" "$1/live"
  queue_link "$2/previous" "$1/previous"
  queue_link "$2/docroot" "$1/docroot"
}

# stay_on_previous SITE RULES: lets these rules keep serving the present release, and also the files that pages of the next one name. A run that was
# killed may have done this before it switched the docroot.
stay_on_previous() {
  [ "$(readlink "$2/docroot")" = "$1/docroot" ] || return 0
  [ ! -L "$1/live" ] || link_synced "$2/live" "$1/$(readlink "$1/live")"
  link_synced "$2/docroot" "$1/$(readlink "$1/docroot")" && link_synced "$2/previous" "$1/docroot"
}

# queue_served SITE TARGET: creates the folder in which nginx finds a release's files and the socket of its processes
queue_served() {
  queue_folder "$1/served/${2##*/}"
  queue_link "$1/served/${2##*/}/files" "../../$2"
  queue_link "$1/served/${2##*/}/socket" "../../$2.sock"
}

# create_docroot_link SITE TARGET: creates the links that older versions of this program did not have, because nginx served a folder in `current`
create_docroot_link() {
  change_durably queue_first_links "$@"
}

queue_first_links() {
  [ -L "$1/docroot" ] || queue_link "$1/docroot" "$2"
  [ ! -L "$1/live" ] || return 0
  id=${2#releases/}
  id=${id%%/*}
  queue_served "$1" "releases/$id"
  queue_sync
  queue_link "$1/live" "served/$id"
}

# install_first_rules SITE LINK VERSION: makes the first version of the rules live
install_first_rules() {
  change_durably queue_first_rules "$@"
}

queue_first_rules() {
  queue_following "$1" "${2%/*}/$3"
  queue_sync
  queue_link "$2" "$3"
}

# check_rules LINK VERSION: lets nginx check its configuration in a separate mount namespace, in which these rules are live
check_rules() {
  unshare -m true 2>/dev/null || return 0
  copy=$RUN/shadow/etc/nginx
  mkdir -p "$copy"
  cp -a /etc/nginx/. "$copy"
  link_synced "$copy${1#/etc/nginx}" "$2"
  # shellcheck disable=SC2016 # the inner shell expands it
  unshare -m sh -c 'mount --bind "$1" /etc/nginx && exec nginx -t -q' sh "$copy"
  rm -rf "$RUN/shadow"
}
