#!/usr/bin/perl
# Prints the lines of several programs as they arrive, each after the tag of its program and a tab. Written by foobar-provision. Needs nothing but
# Debian's perl-base.
#
#   merge once|follow TAG COUNT WORD... TAG COUNT WORD...
#
# COUNT is the number of a program's words. With `follow` it prints a line `#live` when the earlier lines have arrived, and ends its programs when its
# standard input ends, which also happens when the connection is lost.
use strict;
use warnings;

my ($how, @rest) = @ARGV;
my $follows = $how eq 'follow';
my $live = !$follows;
# A longer line is cut, because the site may log an endless one.
my $max_bytes = 65536;
my $began = time;
my %programs;

$| = 1;

while (@rest) {
    my ($tag, $count) = splice @rest, 0, 2;
    my @words = splice @rest, 0, $count;
    my $pid = open my $from, '-|', @words or next;
    $programs{fileno $from} = { tag => $tag, from => $from, left => '', pid => $pid };
}

while (%programs) {
    my $bits = '';
    vec($bits, $_, 1) = 1 for keys %programs;
    vec($bits, 0, 1) = 1 if $follows;
    # Earlier lines have arrived once nothing has come for a quarter of a second. The logs of a busy site never pause, so this ends after two seconds.
    my $ready = select(my $readable = $bits, undef, undef, $live ? undef : 0.25);
    if (!$live && ($ready == 0 || time - $began >= 2)) { print "#live\n"; $live = 1 }
    next if $ready == 0;
    if ($follows and vec($readable, 0, 1)) {
        last unless sysread STDIN, my $ignored, 4096;
    }
    for my $number (grep { vec($readable, $_, 1) } keys %programs) {
        my $program = $programs{$number};
        my $read = sysread $program->{from}, my $chunk, 65536;
        if (!$read) {
            print "$program->{tag}\t$program->{left}\n" if $program->{left} ne '';
            delete $programs{$number};
            next;
        }
        my @lines = split /\n/, $program->{left} . $chunk, -1;
        $program->{left} = pop @lines;
        print "$program->{tag}\t", substr($_, 0, $max_bytes), "\n" for @lines;
        $program->{left} = substr $program->{left}, 0, $max_bytes;
    }
}
# Otherwise the lines of programs that have all ended at once would never be shown.
print "#live\n" unless $live;
kill TERM => map { $_->{pid} } values %programs;
