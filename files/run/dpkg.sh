#!/bin/sh
# dpkg for apt. It syncs each file that it unpacks, which takes most of the time on slow disks. When all packages are new to the host, this lets dpkg
# write them all and syncs once, before dpkg configures any of them. Until then, {{unsynced}} has their names: after a power cut, the next run
# unpacks them again.
set -u
names='' unpack='' new=yes

# note FILE: notes the package of an archive, `NAME_VERSION_ARCHITECTURE.deb`
note() {
  name=${1%%_*}
  names="$names $name"
  for known in "/var/lib/dpkg/info/$name.list" "/var/lib/dpkg/info/$name":*.list; do [ ! -e "$known" ] || new=; done
}

for word; do
  case $word in
    --unpack) unpack=yes ;;
    *.deb) note "${word##*/}" ;;
    # apt names many archives by a folder of links, `NUMBER-NAME_VERSION_ARCHITECTURE.deb`.
    /*) for link in "$word"/*.deb; do [ ! -e "$link" ] || { link=${link##*/}; note "${link#*-}"; }; done ;;
  esac
done
[ -n "$unpack" ] && [ -n "$names" ] && [ -n "$new" ] || exec dpkg "$@"

record={{unsynced}} folder={{folder}}
# shellcheck disable=SC2086 # the names are words
printf '%s\n' $names >"$record.new" && sync -- "$record.new" && mv -f -- "$record.new" "$record" && sync -- "$folder/" || exec dpkg "$@"
dpkg --force-unsafe-io "$@"
rc=$?
if sync; then
  rm -f -- "$record"
  sync -- "$folder/"
fi
exit "$rc"
