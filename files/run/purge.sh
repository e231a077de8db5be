# Purging packages, with the dependencies that came with them.

# purge: purges the packages that are no longer desired, then the dependencies that came with them and that nothing else needs
purge() {
  wait_for_packages && repair_dpkg || return
  note_package_folders
  # Ask for the data folder while the server is still installed.
  data=$(data_folder)
  # shellcheck disable=SC2086 # the names are words
  apt purge $TO_PURGE || return
  spare=$(apt-get -s -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false autoremove 2>/dev/null | sed -n 's/^Remv \([^ ]*\) .*/\1/p' | grep -xF -f "$STATE/brought" | tr '\n' ' ')
  # shellcheck disable=SC2086 # the names are words
  [ -z "$spare" ] || apt purge $spare || return
  # Debian keeps the data of a purged server. If it contains only the server's own schemas, remove it.
  case $TO_PURGE in *mariadb-server* | *mysql-server*)
    case $data in /var/lib/mysql | /var/lib/mariadb)
      [ -n "$(find "$data" -mindepth 1 -maxdepth 1 -type d ! -name mysql ! -name performance_schema ! -name sys ! -name '#innodb_*' 2>/dev/null)" ] || rm -rf "$data"
      ;;
    esac
    # Remove what its installation has created and no package owns.
    [ -d "$data" ] || { rm -f /etc/mysql/debian.cnf; rmdir --ignore-fail-on-non-empty /var/lib/mysql-files /var/lib/mysql-keyring 2>/dev/null; rmdir --ignore-fail-on-non-empty /etc/mysql 2>/dev/null || true; }
    ;;
  esac
}

# note_package_folders: notes the folders of packages that contain a staging folder. dpkg cannot remove them, so the end of the run does.
note_package_folders() {
  [ ! -s "$RUN/beside" ] || sed 's,/[^/]*$,,' "$RUN/beside" | sort -u | while read -r folder; do
    while [ -n "$folder" ] && dpkg-query -S "$folder" >/dev/null 2>&1; do
      printf '%s\n' "$folder"
      folder=${folder%/*}
    done
  done | sort -ru >"$RUN/packaged"
}
