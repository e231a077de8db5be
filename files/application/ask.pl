#!/usr/bin/perl
# Sends requests to an application over its own socket, without the web server. Written by foobar-provision. Needs nothing but Debian's perl-base.
#
#   ask probe PROTOCOL SOCKET SECONDS SCHEME HOST DOCROOT SEEN PATH...
#                                                                   checks a release; if something is wrong, prints it and exits with 1. SEEN is
#                                                                   the docroot as the application sees it
#   ask names PROTOCOL SOCKET SECONDS DOCROOT NAME...               follows redirects from the first NAME; prints `FIRST https|http LAST`,
#                                                                   `FIRST circle` or `FIRST unknown`
#   ask run   fastcgi  SOCKET SECONDS SCRIPT [QUERY]                runs one PHP script and prints what it prints
#   ask warm  fastcgi  SOCKET SECONDS SCRIPT OLD_SOCKET NEW OLD...  uses SCRIPT to compile, below the folder NEW, the files that OLD_SOCKET has
#                                                                   compiled below the folders OLD
#   ask drain PROTOCOL SOCKET SECONDS                               returns when all earlier connections have been accepted (fastcgi) or closed
#                                                                   (http), or when SECONDS have passed
#
# PROTOCOL is fastcgi or http; SOCKET is the path of a Unix socket.
use strict;
use warnings;
use Socket;

our $socket;
my ($job, $protocol, $seconds, @rest);
($job, $protocol, $socket, $seconds, @rest) = @ARGV;
$SIG{PIPE} = 'IGNORE';
# The maximum size of an answer in bytes: it is held in memory, and an application may never stop sending.
my $max_bytes = 16 * 1024 * 1024;

if ($job eq 'drain' and $protocol eq 'http') {
    # Nginx opens a connection for each request, so those that are open now are the requests in progress.
    my $until = time + $seconds;
    my ($queued, @open);
    do { ($queued, @open) = connections() } while $queued and time < $until and pause();
    my %waited = map { $_ => 1 } @open;
    do { (undef, @open) = connections() } while (grep { $waited{$_} } @open) and time < $until and pause();
    exit 0;
}
if ($job eq 'drain') {
    # Connections are accepted in the order in which they arrive: once ours is answered, all earlier ones have been accepted.
    eval { fastcgi(SCRIPT_NAME => '/fpm-ping', SCRIPT_FILENAME => '/fpm-ping') };
    exit 0;
}
if ($job eq 'run') {
    my ($script, $query) = @rest;
    my $answer = eval { fastcgi(SCRIPT_NAME => $script, SCRIPT_FILENAME => $script, QUERY_STRING => $query // '') };
    fail($@) unless $answer;
    print $answer->{body};
    fail("$script answered $answer->{status}. $answer->{errors}") if $answer->{status} >= 400;
    exit 0;
}
if ($job eq 'warm') {
    my ($script, $old_socket, $new, @old) = @rest;
    my $run = sub { local $socket = shift; fastcgi(SCRIPT_NAME => $script, SCRIPT_FILENAME => $script, QUERY_STRING => shift, BODY => shift)->{body} };
    # Only a failure prints anything.
    eval {
        my $names = $run->($old_socket, join '&', map { "list[]=$_" } @old);
        $run->($socket, "warm=$new", $names) if $names =~ /\S/;
    };
    print $@;
    exit 0;
}
if ($job eq 'probe') {
    my ($scheme, $host, $docroot, $seen, @paths) = @rest;
    for my $asked (@paths) {
        # `empty,401:/path`: an empty answer and this status are healthy too.
        my ($also, $path) = $asked =~ m{^(?:([a-z0-9,]*):)?(/.*)$}s;
        my %also = map { $_ => 1 } split /,/, $also // '';
        my $answer = eval { $protocol eq 'http' ? http($host, $path) : php($scheme, $host, $docroot, $seen, $path) };
        fail("$path: $@") unless $answer;
        my $said = $answer->{errors};
        ($said = substr $answer->{body}, 0, 400) =~ s/<[^>]*>|\s+/ /g unless $said;
        next if $also{$answer->{status}};
        fail("$path was answered with $answer->{status}. $said") if $answer->{status} >= ($path eq '/' ? 500 : 400);
        fail("$path was answered with $answer->{status} and an empty body. $answer->{errors}")
            if $answer->{status} < 300 and $answer->{status} != 204 and $answer->{body} !~ /\S/ and not $also{empty};
    }
    exit 0;
}
if ($job eq 'names') {
    my ($docroot, @names) = @rest;
    my ($scheme, $name, %seen) = ('https', $names[0]);
    # `https NAME` is where a visitor ends, `http NAME` where the application redirects to HTTP. Only the given names are printed.
    while ($scheme eq 'https' and not $seen{$name}++) {
        my $answer = eval { $protocol eq 'http' ? http($name, '/', $scheme) : php($scheme, $name, $docroot, $docroot, '/') };
        if (!$answer or $answer->{status} >= 500) { print "$names[0] unknown\n"; exit 0 }
        my ($to, $host) = $answer->{location} =~ m,^(https?)://([^/:?#\s]+)(?::(?:80|443))?(?:[/?#]|$),i;
        last unless $answer->{status} =~ /^30[12378]$/ and defined $host and grep { $_ eq lc $host } @names;
        last if lc $to eq $scheme and lc $host eq $name;
        ($scheme, $name) = (lc $to, lc $host);
    }
    print $scheme eq 'https' && $seen{$name} > 1 ? "$names[0] circle\n" : "$names[0] $scheme $name\n";
    exit 0;
}
die "ask: unknown job $job\n";

# Returns the number of connections to the socket that wait to be accepted, and the inodes of those that were accepted, by /proc/net/unix. The kernel's
# net/unix/af_unix.c has the states.
sub connections {
    open my $all, '<', '/proc/net/unix' or return 0;
    my ($queued, @open) = 0;
    while (<$all>) {
        my (undef, undef, undef, undef, undef, $state, $inode, $path) = split ' ', $_, 8;
        chomp $path if defined $path;
        next unless defined $path and $path eq $socket;
        $queued++ if $state eq '02';
        push @open, $inode if $state eq '03';
    }
    return ($queued, @open);
}

sub pause {
    select undef, undef, undef, 0.1;
    return 1;
}

sub fail {
    my ($why) = @_;
    $why =~ s/\s+$//;
    print "$why\n";
    exit 1;
}

# Requests a path the way nginx would: the script itself if it is PHP, otherwise the front controller. A static file is only looked up on disk.
sub php {
    my ($scheme, $host, $docroot, $seen, $path) = @_;
    (my $file = $path) =~ s/\?.*//s;
    my $query = $path =~ /\?(.*)/s ? $1 : '';
    my ($script) = grep { -f "$docroot$_" } ($file =~ /\.php$/ ? $file : ()), "$file/index.php", '/index.php';
    if (!defined $script or (-f "$docroot$file" and $file !~ /\.php$/)) {
        my ($static) = grep { -f "$docroot$_" } $file, "$file/index.html";
        return { status => 404, location => '', body => 'there is no such file', errors => '' } unless defined $static;
        return { status => 200, location => '', body => -s "$docroot$static" ? 'a file' : '', errors => '' };
    }
    $script =~ s,//+,/,g;
    return fastcgi(
        SCRIPT_NAME => $script, SCRIPT_FILENAME => "$seen$script", DOCUMENT_ROOT => $seen, DOCUMENT_URI => $script,
        REQUEST_URI => $path, QUERY_STRING => $query, HTTP_HOST => $host, SERVER_NAME => $host, HTTP_ACCEPT => '*/*',
        HTTP_USER_AGENT => 'foobar-provision', REQUEST_SCHEME => $scheme, SERVER_PORT => $scheme eq 'https' ? 443 : 80,
        ($scheme eq 'https' ? (HTTPS => 'on') : ()),
    );
}

# Sends a request with these parameters, and with BODY if it is given.
sub fastcgi {
    my %params = (
        GATEWAY_INTERFACE => 'CGI/1.1', REQUEST_METHOD => 'GET', SERVER_PROTOCOL => 'HTTP/1.1', SERVER_SOFTWARE => 'nginx',
        REMOTE_ADDR => '127.0.0.1', QUERY_STRING => '', REDIRECT_STATUS => 200, @_,
    );
    my $body = delete $params{BODY} // '';
    @params{'REQUEST_METHOD', 'CONTENT_LENGTH'} = ('POST', length $body) if $body ne '';
    my $text = '';
    for my $name (sort keys %params) {
        my $value = $params{$name};
        $text .= join '', (map { length($_) < 128 ? chr length : pack 'N', length($_) | 0x80000000 } $name, $value), $name, $value;
    }
    my $sent = record(1, pack 'nCx5', 1, 0) . record(4, $text) . record(4, '') . join('', map { record(5, $_) } unpack '(a32768)*', $body) . record(5, '');
    my ($out, $errors) = ('', '');
    my $left = '';
    my $ended = 0;
    talk($sent, sub {
        $left .= $_[0];
        while (length $left >= 8) {
            my (undef, $type, undef, $length, $padding) = unpack 'CCnnC', $left;
            last if length $left < 8 + $length + $padding;
            my $content = substr $left, 8, $length;
            $left = substr $left, 8 + $length + $padding;
            $out .= $content if $type == 6;
            $errors .= $content if $type == 7;
            $ended = 1 if $type == 3;
        }
        return $ended;
    });
    die "the connection ended before the answer did. $errors\n" unless $ended;
    return answer($out, $errors, 200);
}

sub record {
    my ($type, $content) = @_;
    return pack('CCnnCx', 1, $type, 1, length $content, 0) . $content;
}

sub http {
    my ($host, $path, $scheme) = @_;
    my $forwarded = $scheme ? "X-Forwarded-Proto: $scheme\r\n" : '';
    my $all = '';
    talk("GET $path HTTP/1.0\r\nHost: $host\r\n${forwarded}User-Agent: foobar-provision\r\nConnection: close\r\n\r\n", sub { $all .= $_[0]; 0 });
    $all =~ s,^HTTP/1\.\d (\d+)[^\n]*\n,, or die "the answer is empty or is not HTTP/1.x.\n";
    return answer($all, '', $1);
}

sub answer {
    my ($text, $errors, $status) = @_;
    my ($head, $body) = $text =~ /^(.*?)\r?\n\r?\n(.*)$/s ? ($1, $2) : ($text, '');
    $status = $1 if $head =~ /^Status:\s*(\d+)/mi;
    my $location = $head =~ /^Location:\s*(\S+)/mi ? $1 : '';
    return { status => $status, location => $location, body => $body, errors => $errors };
}

# Sends a request and passes the answer to the callback piece by piece, until that returns true or the answer ends. Dies if the time is up or the
# answer is too large.
sub talk {
    my ($sent, $heard) = @_;
    my $bytes = 0;
    local $SIG{ALRM} = sub { die "there was no complete answer within $seconds s.\n" };
    alarm $seconds;
    socket my $stream, PF_UNIX, SOCK_STREAM, 0 or die "cannot create a socket: $!.\n";
    connect $stream, pack_sockaddr_un($socket) or die "cannot connect to $socket: $!.\n";
    for (my $from = 0; $from < length $sent;) { $from += syswrite($stream, $sent, length($sent) - $from, $from) // last }
    while (my $read = sysread $stream, my $chunk, 65536) {
        die "the answer is larger than 16 MiB.\n" if ($bytes += $read) > $max_bytes;
        last if $heard->($chunk);
    }
    alarm 0;
}
