# Packages that go, with what came with them.

# Purges what is no longer wanted, then what came with it and nothing else has come to need.
purge() {
  wait_for_packages && finish_packages || return
  note_packaged
  # The server tells where its data is, as long as it is there.
  data=$(data_folder)
  # shellcheck disable=SC2086 # the names are words
  apt purge $UNWANT || return
  spare=$(apt-get -s -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false autoremove 2>/dev/null | sed -n 's/^Remv \([^ ]*\) .*/\1/p' | grep -xF -f "$STATE/brought" | tr '\n' ' ')
  # shellcheck disable=SC2086 # the names are words
  [ -z "$spare" ] || apt purge $spare || return
  # Debian keeps the data of a purged server. Where only the server's own schemas are left in it, there is none.
  case $UNWANT in *mariadb-server* | *mysql-server*)
    case $data in /var/lib/mysql | /var/lib/mariadb)
      [ -n "$(find "$data" -mindepth 1 -maxdepth 1 -type d ! -name mysql ! -name performance_schema ! -name sys ! -name '#innodb_*' 2>/dev/null)" ] || rm -rf "$data"
      ;;
    esac
    # And what its installation makes, which no package knows.
    [ -d "$data" ] || { rm -f /etc/mysql/debian.cnf; rmdir --ignore-fail-on-non-empty /var/lib/mysql-files /var/lib/mysql-keyring 2>/dev/null; rmdir --ignore-fail-on-non-empty /etc/mysql 2>/dev/null || true; }
    ;;
  esac
}

# What is taken away waits for the run's end in its folder, so that dpkg leaves the folder of a package that it purges.
note_packaged() {
  [ ! -s "$RUN/beside" ] || sed 's,/[^/]*$,,' "$RUN/beside" | sort -u | while read -r folder; do
    while [ -n "$folder" ] && dpkg-query -S "$folder" >/dev/null 2>&1; do
      printf '%s\n' "$folder"
      folder=${folder%/*}
    done
  done | sort -ru >"$RUN/packaged"
}
