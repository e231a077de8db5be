# An application's files come to the host, before the run that makes a release of them. It exits with $changed_meanwhile where the host is no
# longer what it was when it was looked at, or was taken for.

# refuse_arrival CODE: what still comes is read, so that the sender hears of it
refuse_arrival() {
  cat >/dev/null
  rm -rf "$part"
  exit "$1"
}

# expect_release RELEASE LIVE BASE RECORD: goes on only where this release is not there yet, and the link that is live leads to the base
expect_release() {
  # shellcheck disable=SC3013 # dash knows -ef
  if [ -d "$1" ] || ! [ "$2" -ef "$3" ] || [ ! -d "$4" ]; then cat >/dev/null; exit "$changed_meanwhile"; fi
}

# arrive DIGEST RUN BYTES DESCRIPTION [BASE RECORD]: the order, of so many bytes, and then the files come on standard input. They get their name
# when all have come.
arrive() {
  umask 022
  arrival=$STATE/incoming/$1 digest=$1 description=$4
  # shellcheck disable=SC2174 # what it is in is there
  mkdir -p -m 0700 "$STATE" && mkdir -p "${arrival%/*}" || exit
  read -r boot </proc/sys/kernel/random/boot_id
  # Two who send the same at once do not touch each other's files; whole ones are whole whoever sent them.
  part=$arrival.$2.$boot.part
  abandoned_uploads | xargs -r -d '\n' rm -rf --
  if [ -d "$arrival/files" ]; then cat >/dev/null; exit; fi
  { mkdir -p "$part/files" && exec 8<"$part" && flock -n 8; } || refuse_arrival 1
  head -c "$3" | gzip -dc >"$part/order" || refuse_arrival 1
  shift 4
  releases arrive "$part" "$@" || refuse_arrival "$?"
  [ "$(sha256sum <"$part/list")" = "$digest  -" ] || { echo 'what is known of the live release is damaged' >&2; refuse_arrival "$changed_meanwhile"; }
  printf '%s\n' "$description" >"$part/release.json" || refuse_arrival 1
  tar -xzf - --no-same-owner -C "$part/files" || refuse_arrival 1
  # What has its name is whole, also after a power cut: whoever comes next takes it as it is.
  sync -f "$part" || refuse_arrival 1
  rm -rf "$arrival"
  mv -T "$part" "$arrival" 2>/dev/null || rm -rf "$part"
}
