# Receives a site from an old server. POSIX sh. What comes from there is handled with the rights of the site's user.

# site_is_there DOMAIN SECRET...: succeeds if a run has set up the site, with its database's password
site_is_there() {
  [ -d "$SITES/$1/shared" ] || return
  shift
  for secret; do [ -s "$SECRETS/$secret" ] || return; done
}

# free_kilobytes FOLDER: prints how many KiB an ordinary user may still write there
free_kilobytes() {
  df -Pk -- "$1" | awk 'NR == 2 { print $4 }'
}

# receive_files USER ROOT: unpacks the tar archives on standard input. tar sets a file's time
# last, so an interrupted file has another time than the original, and is copied again.
receive_files() {
  cd "$2" || return
  umask 022
  as_site "$1" tar --extract --file=- --ignore-zeros --no-same-owner --no-same-permissions --warning=no-timestamp
}

# remove_files USER ROOT: removes the files whose names are on standard input, each ended by a NUL byte
remove_files() {
  cd "$2" || return
  as_site "$1" xargs -0 -r rm -f --
}

# write_settings USER ROOT PATH SECRET MARK: writes a file of the site from standard input, with the mark replaced by a secret
write_settings() {
  cd "$2" || return
  # shellcheck disable=SC2016 # perl's own, and the inner shell's
  perl -e '
    my ($file, $mark) = @ARGV;
    open my $secret, "<", $file or die "$file: $!\n";
    chomp(my $value = <$secret>);
    my $text = do { local $/; <STDIN> };
    $text =~ s/\Q$mark\E/$value/g;
    print $text or die "$!\n";
  ' "$SECRETS/$4" "$5" | as_site "$1" sh -c 'umask 027; case $1 in */*) mkdir -p -- "${1%/*}" ;; esac; cat >"$1.import" && mv -f -- "$1.import" "$1"' sh "./$3"
}

# count_tables DATABASE: prints how many tables and views it has
count_tables() {
  printf '%s\n' "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '$1';" | sql
}

# load_dump USER SECRET DATABASE OWNER: replaces the database of a site by the dump on standard input. Prints a line `#note TEXT` for
# each thing that had to be adapted.
load_dump() {
  # shellcheck disable=SC2016 # they are the quotes of SQL
  printf 'DROP DATABASE IF EXISTS `%s`; CREATE DATABASE `%s` CHARACTER SET utf8mb4;' "$3" "$3" | sql || return
  notes=$(mktemp /run/foobar-provision-import.XXXXXX) || return
  adapted_dump /dev/stdin 2>"$notes" | as_account "$@"
  loaded=$?
  sed 's/^/#note	/' "$notes"
  rm -f "$notes"
  return "$loaded"
}
