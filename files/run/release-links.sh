# The links of a release to what outlives it.

# give_links RELEASE RECORD USER: nginx follows a link only to what is of the link's own owner, so those that lead to what the site may write are the
# site's. They lie in root's folders, where it cannot change them. One that other releases have too is made anew.
give_links() {
  releases lead "$1" "$2" "$3" | xargs -r0 chown -h "$3:$3" --
}
