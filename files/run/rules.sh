# nginx's rules for a site's releases, which change with the release.

# follow_live SITE RULES: lets these rules serve whichever release is live
follow_live() {
  link_synced "$2/live" "$1/live"
  [ "$(readlink "$2/docroot")" != "$1/docroot" ] || return 0
  link_synced "$2/previous" "$1/previous" && link_synced "$2/docroot" "$1/docroot"
}

# stay_on_previous SITE RULES: lets these rules keep serving the present release, and also the files that pages of the next one name. A run that was
# killed may have done this before it switched the docroot.
stay_on_previous() {
  [ "$(readlink "$2/docroot")" = "$1/docroot" ] || return 0
  [ ! -L "$1/live" ] || link_synced "$2/live" "$1/$(readlink "$1/live")"
  link_synced "$2/docroot" "$1/$(readlink "$1/docroot")" && link_synced "$2/previous" "$1/docroot"
}

# serve_release SITE TARGET: links to the folder in which nginx finds a release's files and the socket of its processes
serve_release() {
  found=served/${2##*/}
  folder_synced "$1/$found" && link_synced "$1/$found/files" "../../$2" && link_synced "$1/$found/socket" "../../$2.sock" &&
    link_synced "$1/live" "$found"
}

# create_docroot_link SITE TARGET: creates the links that older versions of this program did not have, because nginx served a folder in `current`
create_docroot_link() {
  [ -L "$1/docroot" ] || link_synced "$1/docroot" "$2" || return
  id=${2#releases/}
  [ -L "$1/live" ] || serve_release "$1" "releases/${id%%/*}"
}

# install_first_rules SITE LINK VERSION: makes the first version of the rules live
install_first_rules() {
  follow_live "$1" "${2%/*}/$3" && link_synced "$2" "$3"
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
