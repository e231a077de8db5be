# Folders: creating them with their owners, and moving them away with their content.

# make_owned_folder PATH MODE OWNER:GROUP: creates a folder if it is missing, and sets its owner and mode. It opens the folder, and every part of
# the path that another user could replace meanwhile, without following links, and changes what it has opened.
make_owned_folder() {
  perl -e '
    use strict;
    use Fcntl;
    my ($path, $mode, $owner, $group) = @ARGV;
    my $uid = $owner =~ /^\d+$/ ? $owner : getpwnam($owner) // die "there is no user $owner\n";
    my $gid = $group =~ /^\d+$/ ? $group : getgrnam($group) // die "there is no group $group\n";
    my @parts = grep { $_ ne "" } split m{/}, $path;
    my $folder;
    chdir "/" or die "/: $!\n";
    while (defined(my $part = shift @parts)) {
      my @above = stat "." or die "$path: $!\n";
      my $strict = !@parts || $above[4] != 0 || $above[2] & 022;
      mkdir $part, @parts ? 0755 : 0700 or $!{EEXIST} or die "$path: $!\n";
      sysopen $folder, $part, O_RDONLY | O_DIRECTORY | ($strict ? O_NOFOLLOW : 0)
        or die "$path: \"$part\" is not a folder, or is a link that somebody else may have created ($!). Remove it, then run again.\n";
      chdir $folder or die "$path: $!\n";
    }
    chown $uid, $gid, $folder or die "$path: $!\n";
    chmod oct $mode, $folder or die "$path: $!\n";
  ' "$1" "$2" "${3%%:*}" "${3#*:}"
}

# move_folder_away PATH: moves a folder with its content to the staging folder, which is removed when the run has succeeded
move_folder_away() {
  [ ! -d "$1" ] || { prepare_staging "$1" && mv -T -- "$1" "$new"; }
}

# restore_folder PATH: moves a folder back that move_folder_away has moved
restore_folder() {
  prepare_staging "$1" || return
  [ ! -d "$new" ] || rename_synced "$new" "$1"
}

# remove_if_empty PATH: removes an empty folder. One that still contains a staging folder is removed at the end of the run.
remove_if_empty() {
  if [ -L "$1" ] || [ ! -d "$1" ]; then return; fi
  rmdir --ignore-fail-on-non-empty -- "$1"
  [ ! -d "$1" ] || printf '%s\n' "$1" >>"$RUN/emptied"
}
