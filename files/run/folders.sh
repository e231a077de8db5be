# Folders: made and given to their owners, and taken out of sight with what they hold.

# own_folder PATH MODE OWNER:GROUP: makes the folder where there is none. It is opened without following a link, and so is all of the path that
# somebody else could have changed meanwhile; its owner and mode are those of what was opened.
own_folder() {
  perl -e '
    use strict;
    use Fcntl;
    my ($path, $mode, $owner, $group) = @ARGV;
    my $user = $owner =~ /^\d+$/ ? $owner : getpwnam($owner) // die "there is no user $owner\n";
    my $team = $group =~ /^\d+$/ ? $group : getgrnam($group) // die "there is no group $group\n";
    my @parts = grep { $_ ne "" } split m{/}, $path;
    my $folder;
    chdir "/" or die "/: $!\n";
    while (defined(my $part = shift @parts)) {
      my @above = stat "." or die "$path: $!\n";
      my $strict = !@parts || $above[4] != 0 || $above[2] & 022;
      mkdir $part, @parts ? 0755 : 0700 or $!{EEXIST} or die "$path: $!\n";
      sysopen $folder, $part, O_RDONLY | O_DIRECTORY | ($strict ? O_NOFOLLOW : 0)
        or die "$path: \"$part\" is no folder, or a link that somebody else may have made ($!). Remove it, then run again.\n";
      chdir $folder or die "$path: $!\n";
    }
    chown $user, $team, $folder or die "$path: $!\n";
    chmod oct $mode, $folder or die "$path: $!\n";
  ' "$1" "$2" "${3%%:*}" "${3#*:}"
}

# Takes a folder out of sight with all that it holds. It is gone for good when the run has succeeded.
retire_folder() {
  [ ! -d "$1" ] || { beside "$1" && mv -T -- "$1" "$new"; }
}

restore_folder() {
  beside "$1" || return
  [ ! -d "$new" ] || rename_synced "$new" "$1"
}

# A folder in which something waits for the run's end waits too.
remove_empty() {
  if [ -L "$1" ] || [ ! -d "$1" ]; then return; fi
  rmdir --ignore-fail-on-non-empty -- "$1"
  [ ! -d "$1" ] || printf '%s\n' "$1" >>"$RUN/emptied"
}
