# Makes changes that a later boot or run relies on, all in one process. Needs only perl-base, which every Debian has.
#
# Descriptor 4 has the changes, in their order. Each is three words, and a NUL follows each word:
#   file PATH TEXT     creates or replaces a file that only root can read; its content reaches the disk before its name
#   link PATH TARGET   creates or replaces a link; a correct link stays, because a full disk has no room for another
#   remove PATH -      removes a file or a link
#   folder PATH -      creates a folder and its missing parents
#   sync - -           the changes before it reach the disk before those after it
#   end - -            the last one: all of them reach the disk. Without it, nothing is changed.
# Prints the first error and ends with it.
use strict;
use IO::Handle;

# In the names of new files, from which leftovers are known; see files/run/leftovers.sh.
my ($boot) = do { open my $in, '<', '/proc/sys/kernel/random/boot_id' or die "boot_id: $!\n"; <$in> =~ /^([^-]*)/ };

# The files that have no name yet, each with its path, and the folders whose names have changed since they were synced.
my (@unnamed, %changed);
END { unlink map { $_->[0] } @unnamed }

sub parent { return $_[0] =~ s{/[^/]*\z}{}r }

sub sync_path {
  my ($path) = @_;
  open my $in, '<', $path or die "$path: $!\n";
  $in->sync or die "$path: $!\n";
}

sub make_folder {
  my ($path) = @_;
  return if -d $path;
  make_folder(parent($path));
  mkdir $path or die "$path: $!\n";
  $changed{parent($path)} = 1;
}

sub write_file {
  my ($path, $text) = @_;
  my $mask = umask 077;
  make_folder(parent($path));
  my $new = $path =~ s{([^/]*)\z}{.$1.$boot.$$.new}r;
  push @unnamed, [$new, $path];
  open my $out, '>', $new or die "$new: $!\n";
  print {$out} $text or die "$new: $!\n";
  close $out or die "$new: $!\n";
  umask $mask;
}

sub name_files {
  sync_path($_->[0]) for @unnamed;
  while (my ($new, $path) = @{$unnamed[0] // []}) {
    rename $new, $path or die "$path: $!\n";
    $changed{parent($path)} = 1;
    shift @unnamed;
  }
}

sub make_link {
  my ($path, $target) = @_;
  # Even a correct link may not have reached the disk.
  $changed{parent($path)} = 1;
  return if (readlink $path // '') eq $target;
  unlink "$path.new";
  symlink $target, "$path.new" or die "$path: $!\n";
  rename "$path.new", $path or die "$path: $!\n";
}

sub remove {
  my ($path) = @_;
  return unless lstat $path;
  unlink $path or die "$path: $!\n";
  $changed{parent($path)} = 1;
}

sub sync_names {
  sync_path($_) for sort keys %changed;
  %changed = ();
}

open my $in, '<&=', 4 or die "the changes: $!\n";
my @words = do { local $/; split /\0/, scalar(<$in>) // '', -1 };
die "the list of changes is incomplete\n" unless @words > 3 and $words[-4] eq 'end';
while (my ($change, $path, $text) = splice @words, 0, 3) {
  if ($change eq 'file') { write_file($path, $text); next }
  # Files that follow each other are synced together.
  name_files();
  if ($change eq 'link') { make_link($path, $text) }
  elsif ($change eq 'remove') { remove($path) }
  elsif ($change eq 'folder') { make_folder($path) }
  elsif ($change eq 'sync') { sync_names() }
  elsif ($change eq 'end') { sync_names(); last }
  else { die "there is no change named $change\n" }
}
