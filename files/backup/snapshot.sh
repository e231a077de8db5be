# A backup of a site: one snapshot with the dump of its database, its shared folder, its live release, and what a restore on another host needs.

# back_up REASON: backs up a site, and records the result
back_up() {
  attempt backup made make_backup "$1"
  code=$?
  rm -rf "$WORK"
  [ "$code" != 0 ] || say "backed up in ${seconds} s"
  return "$code"
}

make_backup() {
  rm -rf "$WORK/site"
  mkdir -p "$WORK/site/about" "$WORK/site/shared" "$WORK/site/release" || return
  live=$(readlink "$SITE/current") || { printf '%s\n' "$SITE has no live release, so there is nothing to back up." >&2; return 1; }
  release=${live##*/}
  if [ -n "$DATABASE" ]; then
    say 'reading the database'
    mkdir "$WORK/site/database" && dump_database "$WORK/site/database" || return
    sha256sum <"$WORK/site/database/data.sql" >"$WORK/site/about/data.sha256" || return
  fi
  describe_site "$release" || return
  # Other processes do not see these mounts. The kernel removes them when the last process in the namespace ends.
  unshare --mount --propagation private -- "$SELF" "$NAME" view "$DOMAIN" "$1" "$release"
}

# describe_site RELEASE: copies the site's records, configuration and secrets into the backup, where they are encrypted like everything else
describe_site() {
  about=$WORK/site/about
  cp -- "$STATE/releases/$DOMAIN/$1/live.json" "$about/live.json" && mkdir "$about/secrets" "$about/record" || return
  [ ! -e "$SETTINGS/configuration.json" ] || cp -- "$SETTINGS/configuration.json" "$about/configuration.json" || return
  for secret in "$SECRETS/$DOMAIN".*; do
    case $secret in *.key-*) ;; *) [ ! -f "$secret" ] || cp -- "$secret" "$about/secrets/" ;; esac
  done
  # The environment variables that are stored on the host.
  stored=/etc/foobar-provision/instances/$DOMAIN/.stored
  [ ! -d "$stored" ] || cp -R -- "$stored" "$about/secrets/variables" || return
  printf '%s\n' "$1" >"$about/release"
}

# show SOURCE TARGET: mounts a folder that the site controls, read-only. With nosymfollow, the kernel follows no symbolic link in it, neither for a
# file nor for a folder in its path, even if the site creates the link during the backup.
show() {
  [ -d "$1" ] || return 0
  mount --rbind -- "$1" "$2" || return
  awk -v at="$2" 'index($5 "/", at "/") == 1 { print $5 }' /proc/self/mountinfo | while read -r each; do
    mount -o remount,bind,ro,nosuid,nodev,nosymfollow -- "$each" || exit
  done || return
  awk -v at="$2" 'index($5 "/", at "/") == 1 && "," $6 "," !~ /,nosymfollow,/ { bad = 1 } END { exit bad }' /proc/self/mountinfo && return
  printf '%s\n' "This kernel cannot mount $1 so that links in it are not followed (nosymfollow, Linux 5.10)." >&2
  return 1
}

# take_snapshot REASON RELEASE: stores the snapshot. It runs in a separate mount namespace, because it mounts the site's folders.
take_snapshot() {
  show "$SITE/shared" "$WORK/site/shared" && show "$SITE/releases/$2" "$WORK/site/release" && show "$STATE/releases/$DOMAIN/$2" "$WORK/site/about/record" && cd "$WORK" || return
  say 'storing new data'
  { store backup --json --host "$NAME" --tag "$DOMAIN,$1,release-$2" site 2>"$WORK/unread"; printf '{"message_type":"code","code":%s}\n' "$?"; } | follow_restic "$WORK/summary"
  read -r code id size added <"$WORK/summary"
  unread=$(grep -c '"message_type":"error"' "$WORK/unread")
  case $code in
    # Code 3: some files could not be read, for example because they were deleted meanwhile. The snapshot has everything else.
    0 | 3) [ -z "$id" ] || { printf '"id":"%s","size":%s,"added":%s,"unread":%s' "$id" "$size" "$added" "$unread" >"$WORK/result"; return; } ;;
  esac
  grep -v '"message_type":"error"' "$WORK/unread" >"$ERRORS" || cp -- "$WORK/unread" "$ERRORS"
  explain_repository
  return 1
}

# follow_restic FILE: reads restic's JSON and prints its progress. Writes the exit code, the snapshot's id, its size and the added bytes to FILE.
follow_restic() {
  # shellcheck disable=SC2016 # perl expands it
  perl -e '
    my ($file, $domain) = @ARGV;
    $| = 1;
    my %is;
    while (<STDIN>) {
      my %has = /"(\w+)":"?([^",}]*)/g;
      if ($has{message_type} eq "status") {
        printf "%s: %d %% of %.0f MB\n", $domain, $has{percent_done} * 100, $has{total_bytes} / 1e6 if ($has{total_bytes} // 0) > 50e6;
      }
      elsif ($has{message_type} =~ /summary|code/) { %is = (%is, %has) }
    }
    open my $out, ">", $file or die "$file: $!\n";
    printf $out "%s %s %s %s\n", $is{code}, substr($is{snapshot_id} // "", 0, 8), $is{total_bytes_processed} // 0, $is{data_added} // 0;
  ' "$1" "$DOMAIN"
}
