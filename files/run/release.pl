# What is known of a release's files. Needs perl-base alone, which every Debian has.
#
# A record is a folder of root's: `list` has every path with its type and SHA-256, `stat` what each looked like when the release was
# filled (a link, when it was made), `apart` the paths that a release holds in another form than they came (links to what is shared,
# folders that PHP may write), and `apart.d/` those as they came. Names may hold anything but NUL, so that is what separates them.
use strict;
use IO::Handle;

my ($task, @words) = @ARGV;
my %tasks = (record => \&record, check => \&check, arrive => \&arrive, mend => \&mend, hash => \&hash, heal => \&heal, lead => \&lead);
$tasks{$task}->(@words);

sub slurp {
  open my $in, '<', shift or return '';
  local $/;
  return scalar(<$in>) // '';
}

# A path on one line, whatever is in it.
sub escaped { return $_[0] =~ s/([\\\t\n\r])/sprintf '\\x%02x', ord $1/ger }

# The paths of a list, each with the rest of its entry.
sub entries {
  my $text = slurp(shift);
  my @found;
  while ($text =~ /\G([^\0]+)\0([fxld]\0[0-9a-f]{64})\n/g) { push @found, [$1, $2] }
  return @found;
}

# Where the files of a release are in the form in which they came.
sub places {
  my ($release, $record) = @_;
  my $apart = join '|', map { quotemeta } split /\0/, slurp("$record/apart");
  my $inside = $apart eq '' ? undef : qr{^(?:$apart)(?:/|\z)}s;
  return sub { ($inside && $_[0] =~ $inside) ? "$record/apart.d/$_[0]" : "$release/$_[0]" };
}

# All that shows whether a file was touched: mode, owner, group, size and time; a link's target. What is in a folder does not touch it.
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

# record RELEASE RECORD DIGEST: what each file looks like. What RECORD/linked says of links is not looked at again, and that list goes.
sub record {
  my ($release, $record, $digest) = @_;
  my $place = places($release, $record);
  my %state = reverse split /\0/, slurp("$record/linked");
  my $look = sub { my $at = $place->($_[0]); ($at eq "$release/$_[0]" && $state{$_[0]}) || state($at) };
  open my $out, '>', "$record/stat.new" or die "$record: $!\n";
  print {$out} "$digest\0", map { ($look->($_->[0]), "\0", $_->[0], "\0") } entries("$record/list") or die "$record: $!\n";
  $out->flush && $out->sync or die "$record: $!\n";
  close $out or die "$record: $!\n";
  rename "$record/stat.new", "$record/stat" or die "$record: $!\n";
  unlink "$record/linked";
}

# check RELEASE RECORD: whose list it has, and the paths that are no longer what it says: `touched` in the release, `lost` apart from it
sub check {
  my ($release, $record) = @_;
  my ($digest, @pairs) = known($record);
  return unless defined $digest;
  my $place = places($release, $record);
  print "digest\t$digest\n";
  while (my ($state, $path) = splice @pairs, 0, 2) {
    my $at = $place->($path);
    next if state($at) eq $state;
    print $at =~ m{^\Q$record\E/} ? 'lost' : 'touched', "\t", escaped($path), "\n";
  }
}

# hash RELEASE RECORD: the paths whose content is no longer what the list says, whatever their times; escaped as `check` does
sub hash {
  my ($release, $record) = @_;
  my $place = places($release, $record);
  my %wanted = map { ($place->($_->[0]) => [$_->[0], substr $_->[1], 2]) } grep { $_->[1] !~ /^[ld]/ } entries("$record/list");
  # A file without a name, so none stays.
  open my $names, '+>', undef or die "names: $!\n";
  print {$names} map { "$_\0" } sort keys %wanted;
  seek $names, 0, 0;
  open STDIN, '<&', $names or die "names: $!\n";
  open my $sums, '-|', 'xargs', '-0', 'sha256sum', '-z', '--' or die "sha256sum: $!\n";
  local $/ = "\0";
  while (my $line = <$sums>) {
    chomp $line;
    my ($hash, $at) = $line =~ /^([0-9a-f]{64}) [ *](.*)\z/s or next;
    delete $wanted{$at} if $wanted{$at} && $wanted{$at}[1] eq $hash;
  }
  print map { escaped($_) . "\n" } sort map { $_->[0] } values %wanted;
}

# Where a link leads inside its release, by the words of it alone; undef where it leads out.
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

# lead RELEASE RECORD USER: prints the links of a release that lead to what is this user's, each an inode of its own.
sub lead {
  my ($release, $record, $user) = @_;
  my $id = getpwnam($user) // die "there is no user $user\n";
  my @apart = split /\0/, slurp("$record/apart");
  my $place = places($release, $record);
  for my $path (@apart, grep { $place->($_) eq "$release/$_" } map { $_->[0] } grep { $_->[1] =~ /^l/ } entries("$record/list")) {
    my $at = "$release/$path";
    next unless -l $at;
    my $target = readlink $at;
    my $to = inside($path, $target);
    my $theirs = grep { defined $to && ($to eq $_ || $to =~ m{^\Q$_\E/}) } @apart;
    next unless $theirs || ((stat $at)[4] // -1) == $id || $target =~ m{^(?:\.\./)+shared/};
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

# renew FROM TO: a copy of one in the place of the other, by a rename
sub renew {
  my ($from, $to) = @_;
  my $parent = $to =~ s{/[^/]*\z}{}r;
  folder($parent);
  # An interrupted run has left it where this one comes by again.
  my $new = "$parent/.foobar-provision-new";
  -d $new && !-l $new ? rmdir $new : unlink $new;
  copy($from, $new);
  unlink $to if -d $new && !-l $new;
  if (!-l $new && -f _) {
    open my $made, '+<', $new or die "$new: $!\n";
    $made->sync or die "$new: $!\n";
  }
  rename $new, $to or die "$to: $!\n";
}

# arrive FOLDER [RELEASE RECORD]: makes FOLDER/list and FOLDER/files from an earlier release and FOLDER/order, which names what goes
# (-PATH) and what comes (+PATH TYPE SHA). What stays is linked, so that nothing may ever be written into it; 75 where it no longer is what
# it was. FOLDER/linked has each link with what it looks like.
sub arrive {
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
    my $place = places($release, $record);
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

# mend RELEASE RECORD FILES KEPT: puts what came into the place of what was touched, file by file, and keeps that
sub mend {
  my ($release, $record, $files, $kept) = @_;
  my (undef, @pairs) = known($record);
  my $place = places($release, $record);
  while (my ($state, $path) = splice @pairs, 0, 2) {
    my $to = $place->($path);
    next if state($to) eq $state;
    my $is_folder = -d "$files/$path" && !-l "$files/$path";
    if ($is_folder && -d $to && !-l $to) { own_again("$files/$path", $to, "$kept/$path"); next }
    if (lstat $to) {
      folder("$kept/$path" =~ s{/[^/]*\z}{}r);
      system('cp', '-a', '-T', '--', $to, "$kept/$path") == 0 or die "$to: it could not be kept\n";
      if (-d $to && !-l $to) { system('rm', '-rf', '--', $to) == 0 or die "$to: $!\n" }
    }
    renew("$files/$path", $to);
  }
}

# own_again FROM FOLDER KEPT: the mode and the owner that the folder came with; KEPT has those that it had. What is in it stays.
sub own_again {
  my ($from, $folder, $kept) = @_;
  my @had = stat $folder;
  folder($kept);
  chown @had[4, 5], $kept;
  chmod $had[2] & 07777, $kept;
  my @stat = stat $from or die "$from: $!\n";
  chown 0, 0, $folder or die "$folder: $!\n";
  chmod $stat[2] & 07777, $folder or die "$folder: $!\n";
}

# heal RELEASE RECORD GOOD GOODRECORD: files that are the same in two releases are one file, so whoever writes into it spoils both. What was
# touched here and is whole and the same in the good one comes from there.
sub heal {
  my ($release, $record, $good, $good_record) = @_;
  my ($digest, @pairs) = known($record);
  return unless defined $digest;
  my %wanted = map { @$_ } entries("$record/list");
  my %there = map { @$_ } entries("$good_record/list");
  my (undef, @good) = known($good_record);
  my %state = reverse @good;
  my ($place, $from) = (places($release, $record), places($good, $good_record));
  my $healed = 0;
  while (my ($state, $path) = splice @pairs, 0, 2) {
    my $to = $place->($path);
    next if state($to) eq $state || ($there{$path} // '') ne ($wanted{$path} // ' ');
    next if -d $to && !-l $to or state($from->($path)) ne ($state{$path} // '');
    renew($from->($path), $to);
    $healed = 1;
  }
  record($release, $record, $digest) if $healed;
}
