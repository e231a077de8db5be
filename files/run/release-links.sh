# The links of a release to shared files.

# give_links_to_user RELEASE RECORD USER: nginx follows a link only if its target has the same owner, so links to what the site may write must belong
# to the site. They are in root's folders, where the site cannot change them. A link that is shared with other releases is replaced first.
give_links_to_user() {
  releases links "$1" "$2" "$3" | xargs -r0 chown -h "$3:$3" --
}
