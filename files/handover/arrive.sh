# Receives an application's files before the run that creates a release from them. Exits with $changed_meanwhile if the host has changed since the
# survey, or differs from what was assumed.

# refuse_upload CODE: reads the rest of the input, so that the sender gets the exit code
refuse_upload() {
  cat >/dev/null
  rm -rf "$part"
  exit "$1"
}

# expect_release RELEASE LIVE BASE RECORD: continues only if this release does not exist yet, the live link points to the base, and the base's record exists
expect_release() {
  # shellcheck disable=SC3013 # dash knows -ef
  if [ -d "$1" ] || ! [ "$2" -ef "$3" ] || [ ! -d "$4" ]; then cat >/dev/null; exit "$changed_meanwhile"; fi
}

# arrive DIGEST RUN BYTES DESCRIPTION [BASE RECORD]: reads from standard input the order, of this many bytes, which says how
# the release differs from the base, and then the files. Renames their folder once it is complete.
arrive() {
  umask 022
  arrival=$STATE/incoming/$1 digest=$1 description=$4
  # shellcheck disable=SC2174 # its parent folder exists
  mkdir -p -m 0700 "$STATE" && mkdir -p "${arrival%/*}" || exit
  read -r boot </proc/sys/kernel/random/boot_id
  # Two clients that send the same files at the same time use separate folders. A complete folder is the same, whoever sent it.
  part=$arrival.$2.$boot.part
  abandoned_uploads | xargs -r -d '\n' rm -rf --
  if [ -d "$arrival/files" ]; then cat >/dev/null; exit; fi
  { mkdir -p "$part/files" && exec 8<"$part" && flock -n 8; } || refuse_upload 1
  head -c "$3" | gzip -dc >"$part/order" || refuse_upload 1
  shift 4
  releases assemble "$part" "$@" || refuse_upload "$?"
  [ "$(sha256sum <"$part/list")" = "$digest  -" ] || { echo 'the record of the live release is damaged' >&2; refuse_upload "$changed_meanwhile"; }
  printf '%s\n' "$description" >"$part/release.json" || refuse_upload 1
  tar -xzf - --no-same-owner -C "$part/files" || refuse_upload 1
  # Sync before the rename, because the next run trusts a folder with this name, even after a power cut.
  sync -f "$part" || refuse_upload 1
  rm -rf "$arrival"
  mv -T "$part" "$arrival" 2>/dev/null || rm -rf "$part"
}
