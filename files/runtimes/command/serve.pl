#!/usr/bin/perl
# Starts a site's program, and passes requests on to it from the socket that systemd holds: to the Unix socket in SOCKET or to the port of 127.0.0.1 in
# PORT, whichever the program listens on. Written by foobar-provision. Needs nothing but systemd and Debian's perl-base.
#
#   serve COMMAND
use strict;
use warnings;
use Errno;
use File::Temp 'tempdir';
use POSIX ();
use Socket;

my ($command) = @ARGV;
# The unit has a limit of its own, which is a little higher.
my $timeout_seconds = 50;
# Only the site's user gets into the folder.
my $socket = tempdir('serve-XXXXXX', TMPDIR => 1, CLEANUP => 1) . '/http.sock';
my $port = delete $ENV{CLAIMED_PORT} // free_port();

my $program;
$SIG{TERM} = sub { kill TERM => $program if $program };
$program = start({ PORT => $port, SOCKET => $socket }, '/bin/sh', '-c', $command);

my $until = time + $timeout_seconds;
my $target;
until ($target = listening()) {
    give_up("it has ended (status " . ($? >> 8) . ")") if waitpid($program, POSIX::WNOHANG()) == $program;
    give_up("it listens neither on the Unix socket in SOCKET nor on the port in PORT") if time >= $until;
    select undef, undef, undef, 0.05;
}
my $proxy = start({}, '/usr/lib/systemd/systemd-socket-proxyd', '--connections-max=8192', $target);
notify("READY=1\nSTATUS=$target");

my $ended = wait_for_one();
my $status = $?;
kill TERM => grep { $_ != $ended } $program, $proxy;
exit($ended == $program ? $status >> 8 : 1);

# Starts a child process. One with variables is the program, which does not inherit the socket; the other one is given it.
sub start {
    my ($variables, @words) = @_;
    my $child = fork // die "a process cannot be started: $!\n";
    return $child if $child;
    $SIG{TERM} = 'DEFAULT';
    delete $ENV{NOTIFY_SOCKET};
    if (%$variables) {
        delete @ENV{qw(LISTEN_FDS LISTEN_PID LISTEN_FDNAMES)};
        POSIX::close(3);
        @ENV{keys %$variables} = values %$variables;
    } else {
        $ENV{LISTEN_PID} = $$;
    }
    exec { $words[0] } @words or print STDERR "$words[0]: $!\n";
    POSIX::_exit(127);
}

sub give_up {
    print STDERR "foobar-provision: the program in command.run does not serve: $_[0].\n";
    kill TERM => $program;
    exit 1;
}

sub wait_for_one {
    while (1) {
        my $child = waitpid -1, 0;
        return $child if $child > 0;
        die "waitpid: $!\n" unless $!{EINTR};
    }
}

sub free_port {
    socket my $probe, PF_INET, SOCK_STREAM, 0 or die "cannot create a socket: $!\n";
    bind $probe, pack_sockaddr_in(0, INADDR_LOOPBACK) or die "no port is free: $!\n";
    return (unpack_sockaddr_in(getsockname $probe))[0];
}

# Where the program listens. Another user's process may have taken the port, so the owner of the listening socket counts.
sub listening {
    return $socket if -S $socket and connects(PF_UNIX, pack_sockaddr_un($socket));
    for my $table (qw(tcp tcp6)) {
        open my $all, '<', "/proc/net/$table" or next;
        while (<$all>) {
            my (undef, $local, undef, $state, undef, undef, undef, $owner) = split;
            next unless $state eq '0A' and $owner eq $< and $local =~ /:([0-9A-F]{4})$/ and hex $1 == $port;
            return connects(PF_INET, pack_sockaddr_in($port, INADDR_LOOPBACK)) ? "127.0.0.1:$port" : "[::1]:$port";
        }
    }
    return;
}

sub connects {
    my ($family, $address) = @_;
    socket my $probe, $family, SOCK_STREAM, 0 or return 0;
    return connect $probe, $address;
}

sub notify {
    my $address = $ENV{NOTIFY_SOCKET} // return;
    $address =~ s/^@/\0/;
    socket my $datagram, PF_UNIX, SOCK_DGRAM, 0 or return;
    send $datagram, $_[0], 0, pack_sockaddr_un($address);
}
