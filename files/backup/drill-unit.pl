#!/usr/bin/perl
# Converts the unit of a site's instance into the unit of a drill, in which every path that the site may write is a copy. Written by
# foobar-provision. Needs only Debian's perl-base.
#
#   drill-unit BASE COPY SOCKET NEW_SOCKET SITE DRILL RELEASE USER
#
# BASE and COPY are names of templates without `@`; SITE is the site's folder, and DRILL the folder of the drill.
use strict;
use warnings;

my ($base, $copy, $socket, $new_socket, $site, $drill, $release, $user) = @ARGV;
my $ending = '@' . $release . '.sock';
my ($old_template, $new_template) = map { s/\Q$ending\E$/\@%i.sock/r } $socket, $new_socket;
my ($old_folder, $new_folder) = map { m{^/run/(.+)/[^/]+$} ? $1 : die "$_ is no socket below /run\n" } $socket, $new_socket;
my %made;

# copy_of PATH: returns the drill's folder that replaces a folder of the site
sub copy_of {
    my ($path) = @_;
    return $path unless $path =~ s{^-?\Q$site\E/}{};
    return "$drill/$path" if $path =~ m{^(?:shared|sessions)(?:/|$)};
    return "$drill/shared/$1" if $path =~ m{^releases/[^/]+/\.foobar-provision/mounts/(.*)};
    return copied($path, $1) if $path =~ m{^(?:releases/[^/]+|current)/(.*)};
    return made($path);
}

# copied PATH BELOW: copies a writable folder of the release, and returns the copy. It runs with the site's rights, because the site controls the
# folder.
sub copied {
    my ($path, $below) = @_;
    my $to = made("writable/$below");
    my $from = "$site/releases/$release/$below";
    return $to if $made{"filled $to"}++;
    system '/bin/sh', '-c', 'cd "$1" && exec setpriv --reuid="$3" --regid="$3" --clear-groups --inh-caps=-all -- timeout 600 sh -c \'tar -C "$1" -cf - . | tar -xf -\' sh "$2"', 'sh', $to, $from, $user;
    return $to;
}

# made PATH: creates a folder below the drill's folder that belongs to the site's user, and returns it
sub made {
    my ($path) = @_;
    my $at = $drill;
    for my $part (split m{/}, $path) {
        $at .= "/$part";
        next if $made{$at}++;
        mkdir $at, 0700 or $!{EEXIST} or die "$at: $!\n";
    }
    my ($uid, $gid) = (getpwnam $user)[2, 3];
    chown $uid, $gid, $at or die "$at: $!\n";
    return $at;
}

while (<STDIN>) {
    s/\Q$base\E\@/$copy\@/g;
    s/\Q$old_template\E/$new_template/g;
    s/\Q$old_folder\E/$new_folder/g if /^(?:RuntimeDirectory|ExecStopPost)=/;
    next if /^ExecStop=/;
    if (/^BindPaths=(.*)/) {
        my @pairs = map { s/^"|"$//gr } $1 =~ /((?:"[^"]*"|[^\s":])+(?::(?:"[^"]*"|[^\s":])+)?)/g;
        for (@pairs) {
            my ($from, $to) = map { s/"//gr } split /:/, $_, 2;
            my $optional = $from =~ s/^-//;
            $to //= $from;
            $from =~ s/%i/$release/g;
            printf "BindPaths=\"%s%s\":\"%s\"\n", ($optional ? '-' : ''), copy_of($from), $to;
        }
        next;
    }
    print;
}
