# Shared folders that somebody has removed or changed.

# restore_shared_folder RELEASE RECORDS SHARED USER PATH: creates a shared folder again, with what the release has for it
restore_shared_folder() {
  release=$1 record=$2/${1##*/} shared=$3 owner=$4
  [ -d "$record/apart.d" ] || record=$RUN
  fill_shared "$5" || return
  [ -e "$3/$5" ] || make_owned_folder "$3/$5" 0755 "$4:$4"
  sync -f "$3"
}

# take_over_shared_folder FOLDER USER: gives a folder that root has put there, and what root owns in it, to the site
take_over_shared_folder() {
  change_owner user 0 "$2" "$1" && change_owner group 0 "$2" "$1"
}
