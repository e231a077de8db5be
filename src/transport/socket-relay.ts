import { Duplex } from 'node:stream';
import { sh } from '../command/command.ts';
import { Problem } from '../error.ts';
import { openRootChannel, type ScriptContext } from './root-channel.ts';
import type { Endpoint } from './transport.ts';

/**
 * Copies bytes between its own streams and a socket. First it prints the result of connecting on standard output: the error's name,
 * its text and a semicolon, or only the semicolon on success. Every Debian has Perl (perl-base is essential).
 * Each direction has a process, so that neither waits for the other; the one that reads the socket ends both.
 */
const program = `
use strict; use Socket; use Errno;
sub carry { my ($from, $to) = @_; while (sysread $from, my $bytes, 65536) { print {$to} $bytes or last } }
my $far;
sub reach {
  my ($host, $port) = @_;
  return socket($far, PF_UNIX, SOCK_STREAM, 0) && connect($far, pack_sockaddr_un($host)) unless defined $port;
  my ($error, @found) = Socket::getaddrinfo($host, $port, { socktype => SOCK_STREAM });
  $! = Errno::EHOSTUNREACH() if $error;
  for (@found) { return 1 if socket($far, $_->{family}, SOCK_STREAM, 0) && connect($far, $_->{addr}) }
  return 0;
}
reach(@ARGV) or do {
  my $text = "$!";
  my ($name) = grep { $!{$_} } qw(ENOENT ECONNREFUSED EACCES EAGAIN ETIMEDOUT EHOSTUNREACH ENETUNREACH);
  printf "%s %s;", $name // "EIO", $text;
  exit 1;
};
$_->autoflush(1) for $far, \\*STDOUT;
print ";";
my $sender = fork // exit 1;
if (!$sender) { carry(\\*STDIN, $far); shutdown $far, 1; exit 0 }
carry($far, \\*STDOUT);
kill "TERM", $sender;
`;

/**
 * Returns a stream to a socket file or an address, opened as root by a relay on the host. sshd forwards sockets as the login user,
 * but a service's own socket (PHP-FPM's, 0660) admits only root and the service, and a hardened sshd forwards nothing at all.
 * Rejects with a `Problem` whose cause has the system's error code.
 */
export async function relay(context: Omit<ScriptContext, 'trips'>, endpoint: Endpoint): Promise<Duplex> {
  const { stop } = context;
  const words = 'socket' in endpoint ? [endpoint.socket] : [endpoint.host ?? '127.0.0.1', String(endpoint.port)];
  const script = sh`exec perl -MIO::Handle -e ${program} ${words}`;
  const { link, channel, stdout, ended, begin, group: startedGroup } = await openRootChannel({ ...context, trips: { count: 0 } }, script);
  const [group, refusal] = await connected().catch((error: unknown) => {
    channel.close();
    throw error;
  });
  if (refusal !== '') throw unopened(link.settings.name, words.join(':'), refusal);

  async function connected(): Promise<readonly [group: string, refusal: string]> {
    await begin();
    return [await startedGroup(), (await stdout.until(';')).toString()];
  }

  let over = false;
  const stream = new Duplex({
    read: () => void channel.resume(),
    write: (bytes, _encoding, done) => void channel.write(bytes, done),
    final: (done) => {
      channel.end();
      done();
    },
    destroy: (error, done) => {
      channel.close();
      if (!over) stop(group);
      done(error);
    },
  });
  stdout.flow((bytes) => {
    if (!stream.push(bytes)) channel.pause();
  });
  void ended.then((code) => {
    over = true;
    if (code === undefined) stream.destroy(link.lost());
    else stream.push(null);
  });
  return stream;
}

function unopened(host: string, place: string, refusal: string): Problem {
  const [code = '', ...text] = refusal.split(' ');
  const why = text.join(' ');
  return new Problem({
    message: `${place} on ${host} cannot be opened (${why}).`,
    hint: 'Its service is not running, or listens elsewhere.',
    host,
    cause: Object.assign(new Error(why), { code }),
  });
}
