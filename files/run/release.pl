# Records, checks and repairs the files of releases. Needs only what every Debian has: perl-base, coreutils and findutils.
#
# A record is a folder that only root can read. `list` has every path with its type and SHA-256; `stat` has the attributes of each path when the
# release was filled; `apart` has the paths that the release replaces (by links to shared files and by writable folders), and `apart.d/` their
# originals. Names may contain anything but NUL, so NUL separates them.
use strict;

my ($task, @words) = @ARGV;
my %tasks = (record => \&record, check => \&check, assemble => \&assemble, repair => \&repair, hash => \&hash, repair_from => \&repair_from, links => \&links, unapart => \&unapart, finish => \&finish);
$tasks{$task}->(@words);

sub slurp {
  open my $in, '<', shift or return '';
  local $/;
  return scalar(<$in>) // '';
}

# escaped PATH: returns a path on one line, whatever it contains
sub escaped { return $_[0] =~ s/([\\\t\n\r])/sprintf '\\x%02x', ord $1/ger }

# entries FILE: returns the paths of a list, each with the rest of its entry
sub entries {
  my $text = slurp(shift);
  my @found;
  while ($text =~ /\G([^\0]+)\0([fxld]\0[0-9a-f]{64})\n/g) { push @found, [$1, $2] }
  return @found;
}

# locations RELEASE RECORD: returns a function from a path to the location of its original file
sub locations {
  my ($release, $record) = @_;
  my $apart = join '|', map { quotemeta } split /\0/, slurp("$record/apart");
  my $inside = $apart eq '' ? undef : qr{^(?:$apart)(?:/|\z)}s;
  return sub { ($inside && $_[0] =~ $inside) ? "$record/apart.d/$_[0]" : "$release/$_[0]" };
}

# unapart RECORD PATH: no longer records that a release replaces this path
sub unapart {
  my ($record, $path) = @_;
  my @left = grep { $_ ne $path } split /\0/, slurp("$record/apart");
  open my $out, '>', "$record/apart.new" or die "$record: $!\n";
  print {$out} map { "$_\0" } @left or die "$record: $!\n";
  close $out or die "$record: $!\n";
  rename "$record/apart.new", "$record/apart" or die "$record: $!\n";
}

# state PATH: returns what shows whether a file was changed: mode, owner, group, size and time, or a link's target. A folder's content does not count.
sub state {
  my ($path) = @_;
  my @stat = lstat $path or return 'gone';
  return 'l ' . readlink $path if -l _;
  return join ' ', 'd', @stat[2, 4, 5] if -d _;
  return join ' ', @stat[2, 4, 5, 7, 9];
}

sub known {
  my ($digest, @pairs) = split /\0/, slurp("$_[0]/stat"), -1;
  pop @pairs;
  return ($digest, @pairs);
}

# sync_handle HANDLE: writes what is in its buffer to the disk. Loading the module takes longer than all that most tasks do.
sub sync_handle {
  my ($out) = @_;
  require IO::Handle;
  return $out->flush && $out->sync;
}

# record RELEASE RECORD DIGEST: records the state of each file. Takes the state of hard links from RECORD/linked, and removes that file.
sub record {
  my ($release, $record, $digest) = @_;
  my $place = locations($release, $record);
  my %state = reverse split /\0/, slurp("$record/linked");
  my $look = sub { my $at = $place->($_[0]); ($at eq "$release/$_[0]" && $state{$_[0]}) || state($at) };
  open my $out, '>', "$record/stat.new" or die "$record: $!\n";
  print {$out} "$digest\0", map { ($look->($_->[0]), "\0", $_->[0], "\0") } entries("$record/list") or die "$record: $!\n";
  sync_handle($out) or die "$record: $!\n";
  close $out or die "$record: $!\n";
  rename "$record/stat.new", "$record/stat" or die "$record: $!\n";
  unlink "$record/linked";
}

# check RELEASE RECORD: prints the digest of the list, and the paths whose state has changed: `touched` in the release, `lost` in apart.d
sub check {
  my ($release, $record) = @_;
  my ($digest, @pairs) = known($record);
  return unless defined $digest;
  my $place = locations($release, $record);
  print "digest\t$digest\n";
  while (my ($state, $path) = splice @pairs, 0, 2) {
    my $at = $place->($path);
    next if state($at) eq $state;
    print $at =~ m{^\Q$record\E/} ? 'lost' : 'touched', "\t", escaped($path), "\n";
  }
}

# hash RELEASE RECORD: prints the paths whose content differs from the list, regardless of times; escaped as in `check`
sub hash {
  my ($release, $record) = @_;
  my $place = locations($release, $record);
  my %expected = map { ($place->($_->[0]) => [$_->[0], substr $_->[1], 2]) } grep { $_->[1] !~ /^[ld]/ } entries("$record/list");
  # An unnamed file, so that none is left behind.
  open my $names, '+>', undef or die "names: $!\n";
  print {$names} map { "$_\0" } sort keys %expected;
  seek $names, 0, 0;
  open STDIN, '<&', $names or die "names: $!\n";
  open my $sums, '-|', 'xargs', '-0', 'sha256sum', '-z', '--' or die "sha256sum: $!\n";
  local $/ = "\0";
  while (my $line = <$sums>) {
    chomp $line;
    my ($hash, $at) = $line =~ /^([0-9a-f]{64}) [ *](.*)\z/s or next;
    delete $expected{$at} if $expected{$at} && $expected{$at}[1] eq $hash;
  }
  print map { escaped($_) . "\n" } sort map { $_->[0] } values %expected;
}

# inside PATH TARGET: returns the path in the release to which a link points, judging by its text only; undef if it points out of the release
sub inside {
  my ($path, $target) = @_;
  return if $target =~ m{^/};
  my @parts = split m{/}, $path;
  pop @parts;
  for my $part (split m{/}, $target) {
    next if $part eq '' || $part eq '.';
    if ($part eq '..') { return unless @parts; pop @parts } else { push @parts, $part }
  }
  return join '/', @parts;
}

# links RELEASE RECORD USER: prints the links of a release that point to this user's files, and gives each a separate inode
sub links {
  my ($release, $record, $user) = @_;
  my $id = getpwnam($user) // die "there is no user $user\n";
  my ($shared) = $release =~ m{^(.*)/releases/} ? "$1/shared/" : '';
  my @apart = split /\0/, slurp("$record/apart");
  my $place = locations($release, $record);
  for my $path (@apart, grep { $place->($_) eq "$release/$_" } map { $_->[0] } grep { $_->[1] =~ /^l/ } entries("$record/list")) {
    my $at = "$release/$path";
    next unless -l $at;
    my $target = readlink $at;
    my $to = inside($path, $target);
    my $theirs = grep { defined $to && ($to eq $_ || $to =~ m{^\Q$_\E/}) } @apart;
    next unless $theirs || ((stat $at)[4] // -1) == $id || $target =~ m{^(?:\.\./)+shared/} || ($shared ne '' && index($target, $shared) == 0);
    my @stat = lstat $at;
    next if $stat[4] == $id;
    if ($stat[3] > 1) {
      my $new = "$at.foobar-provision-$$";
      symlink $target, $new or die "$new: $!\n";
      rename $new, $at or die "$at: $!\n";
    }
    print "$at\0";
  }
}

# finish RELEASE RECORD DIGEST USER: does what `links` and `record` do, and lets the release's time be that of its creation
sub finish {
  my ($release, $record, $digest, $user) = @_;
  links($release, $record, $user);
  utime undef, undef, $release or die "$release: $!\n";
  record($release, $record, $digest);
}

my %made;

sub folder {
  my ($path) = @_;
  return if $made{$path}++ || -d $path;
  folder($path =~ s{/[^/]*\z}{}r) if $path =~ m{/[^/]+/};
  mkdir $path or -d $path or die "$path: $!\n";
}

sub copy {
  my ($from, $to) = @_;
  if (-l $from) { symlink readlink $from, $to or die "$to: $!\n"; return }
  my @stat = stat $from or die "$from: $!\n";
  if (-d _) { mkdir $to or die "$to: $!\n"; chmod $stat[2] & 07777, $to; return }
  open my $in, '<', $from or die "$from: $!\n";
  open my $out, '>', $to or die "$to: $!\n";
  while (sysread $in, my $bytes, 1 << 20) { print {$out} $bytes or die "$to: $!\n" }
  close $out or die "$to: $!\n";
  chmod $stat[2] & 07777, $to;
  utime $stat[9], $stat[9], $to;
}

# replace FROM TO: replaces TO by a copy of FROM, by a rename
sub replace {
  my ($from, $to) = @_;
  my $parent = $to =~ s{/[^/]*\z}{}r;
  folder($parent);
  # An interrupted run may have left it.
  my $new = "$parent/.foobar-provision-new";
  -d $new && !-l $new ? rmdir $new : unlink $new;
  copy($from, $new);
  unlink $to if -d $new && !-l $new;
  if (!-l $new && -f _) {
    open my $made, '+<', $new or die "$new: $!\n";
    sync_handle($made) or die "$new: $!\n";
  }
  rename $new, $to or die "$to: $!\n";
}

# assemble FOLDER [RELEASE RECORD]: creates FOLDER/list and FOLDER/files from an earlier release and FOLDER/order, which names the removed
# (-PATH) and the new files (+PATH TYPE SHA). Unchanged files are hard links, so nothing may ever write into them. Exits with 75 if an
# unchanged file no longer has its recorded state. FOLDER/linked has the state of each hard link.
sub assemble {
  my ($folder, $release, $record) = @_;
  my %entry = $record ? map { @$_ } entries("$record/list") : ();
  my %coming;
  my @order = split /\0/, slurp("$folder/order");
  while (defined(my $word = shift @order)) {
    my $path = substr $word, 1;
    delete $entry{$path};
    $coming{$path} = join "\0", splice @order, 0, 2 if $word =~ /^\+/;
  }
  open my $linked, '>', "$folder/linked" or die "$folder: $!\n";
  if ($record) {
    my (undef, @pairs) = known($record);
    my %state = reverse @pairs;
    my $place = locations($release, $record);
    for my $path (keys %entry) {
      my $from = $place->($path);
      exit 75 unless defined $state{$path} && $state{$path} ne 'gone' && state($from) eq $state{$path};
      my $to = "$folder/files/$path";
      folder($to =~ s{/[^/]*\z}{}r);
      next if $entry{$path} =~ /^d/;
      if (link $from, $to) { print {$linked} "$state{$path}\0$path\0" } else { copy($from, $to) }
    }
  }
  close $linked or die "$folder: $!\n";
  my %all = (%entry, %coming);
  folder("$folder/files/$_") for grep { $all{$_} =~ /^d/ } keys %all;
  open my $out, '>', "$folder/list" or die "$folder: $!\n";
  print {$out} map { "$_\0$all{$_}\n" } sort keys %all;
  close $out or die "$folder: $!\n";
}

# repair RELEASE RECORD FILES KEPT: replaces the changed files one by one by the uploaded ones, and keeps the changed ones in KEPT
sub repair {
  my ($release, $record, $files, $kept) = @_;
  my (undef, @pairs) = known($record);
  my $place = locations($release, $record);
  while (my ($state, $path) = splice @pairs, 0, 2) {
    my $to = $place->($path);
    next if state($to) eq $state;
    my $is_folder = -d "$files/$path" && !-l "$files/$path";
    if ($is_folder && -d $to && !-l $to) { restore_owner("$files/$path", $to, "$kept/$path"); next }
    if (lstat $to) {
      folder("$kept/$path" =~ s{/[^/]*\z}{}r);
      system('cp', '-a', '-T', '--', $to, "$kept/$path") == 0 or die "$to: it could not be kept\n";
      if (-d $to && !-l $to) { system('rm', '-rf', '--', $to) == 0 or die "$to: $!\n" }
    }
    replace("$files/$path", $to);
  }
}

# restore_owner FROM FOLDER KEPT: restores the mode and the owner of a folder, and keeps the changed ones in KEPT. The content stays.
sub restore_owner {
  my ($from, $folder, $kept) = @_;
  my @had = stat $folder;
  folder($kept);
  chown @had[4, 5], $kept;
  chmod $had[2] & 07777, $kept;
  my @stat = stat $from or die "$from: $!\n";
  chown 0, 0, $folder or die "$folder: $!\n";
  chmod $stat[2] & 07777, $folder or die "$folder: $!\n";
}

# repair_from RELEASE RECORD GOOD GOODRECORD: repairs a release with files of another one. Equal files of two releases are one file, so a write
# changes both. Replaces each changed file that is equal and unchanged in the other release.
sub repair_from {
  my ($release, $record, $good, $good_record) = @_;
  my ($digest, @pairs) = known($record);
  return unless defined $digest;
  my %expected = map { @$_ } entries("$record/list");
  my %other = map { @$_ } entries("$good_record/list");
  my (undef, @good) = known($good_record);
  my %state = reverse @good;
  my ($place, $from) = (locations($release, $record), locations($good, $good_record));
  my $healed = 0;
  while (my ($state, $path) = splice @pairs, 0, 2) {
    my $to = $place->($path);
    next if state($to) eq $state || ($other{$path} // '') ne ($expected{$path} // ' ');
    next if -d $to && !-l $to or state($from->($path)) ne ($state{$path} // '');
    replace($from->($path), $to);
    $healed = 1;
  }
  record($release, $record, $digest) if $healed;
}
