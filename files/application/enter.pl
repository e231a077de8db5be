#!/usr/bin/perl
# Starts a program of a site, unless a folder that is mounted in its release is another one than the site's shared folder. Written by foobar-provision.
# Needs nothing but Debian's perl-base.
#
#   enter HOME PROGRAM [ARGUMENT]...
#
# systemd mounts the shared folders, as root, and follows links. The site can replace a shared folder by a link to a path that it must not reach.
# It cannot change what is mounted here, so this sees what systemd has really mounted.
use strict;
use warnings;

my ($home, @program) = @ARGV;
my $release = "$home/current";

if (open my $list, '<', "$release/.foobar-provision/mounted") {
    # Where each mount is, and what it shows: a device, and a path on it (proc(5)).
    my %mounts;
    open my $table, '<', '/proc/self/mountinfo' or die "/proc/self/mountinfo: $!\n";
    while (<$table>) {
        my (undef, undef, $device, $root, $at) = split / /;
        s/\\(\d{3})/chr oct $1/ge for $root, $at;
        $mounts{$at} = [$device, $root eq '/' ? '' : $root];
    }
    local $/ = "\0";
    while (my $path = <$list>) {
        chomp $path;
        # A shared folder that is missing is not mounted.
        my $mounted = $mounts{"$release/$path"} or next;
        # The shared folder, or one above it, may be a volume of its own.
        my ($above, $below) = ("$home/shared/$path", '');
        $below = $1 . $below while !$mounts{$above} and $above =~ s,(/[^/]+)$,,;
        my $own = $mounts{$above} or die "$home/shared is not mounted.\n";
        next if "@$mounted" eq "$own->[0] $own->[1]$below";
        die "$home/shared/$path, or a folder above it, was replaced by a link, which is not followed. Mount the other folder in its place.\n";
    }
}
exec { $program[0] } @program or die "$program[0]: $!\n";
