import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { Duplex, type Readable, type Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Channel } from './connection.ts';
import type { HostSettings } from './ssh-config.ts';
import type { Endpoint } from './transport.ts';

/** The socket of a connection that the user's own ssh keeps open. */
export interface ControlSocket {
  readonly path: string;
  readonly settings: HostSettings;
  /** Resolves when the connection has ended. */
  readonly ended: Promise<void>;
}

/** A command to start, or an address on the host to connect to. */
export type ChannelRequest = { readonly command: string } | Exclude<Endpoint, { readonly socket: string }>;

/** The exit code of ssh if ssh itself fails (ssh(1)). */
const failureOfSsh = 255;

/** If nothing has arrived after this time, the command is assumed to have started without printing anything. */
const silenceMs = 2000;

/** When the connection ends, ssh ends too. The end of the connection is noticed within this time. */
const graceMs = 200;

/**
 * Opens a channel over an open connection by means of a process of ssh, which is the only way that OpenSSH documents. Resolves with the first
 * output. Rejects with ssh's own words if the host refuses the channel.
 */
export async function sshChannel({ path, settings, ended }: ControlSocket, request: ChannelRequest): Promise<Channel> {
  const child = spawn('ssh', argumentsOf(path, settings, request), { stdio: ['pipe', 'pipe', 'pipe'] });
  const exit = new Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve([code, signal]));
  });
  exit.catch(() => undefined);
  // A server at an address may send nothing before it gets a request, so only a command's first output can be waited for.
  const words = 'command' in request ? await firstOutput(child, exit) : '';
  if (/^(mux_client|ControlSocket|Session open refused)/.test(words)) {
    await exit;
    throw new Error(words.split('\n')[0]?.trim());
  }
  return channelOf(child, exit, ended);
}

function argumentsOf(path: string, { user, hostname, port }: HostSettings, request: ChannelRequest): readonly string[] {
  // If the connection has ended, ssh would open another one, and ask or warn in its own way.
  const only = ['-F', 'none', '-S', path, '-o', 'ControlMaster=no', '-o', 'ProxyCommand=false', '-o', 'BatchMode=yes'];
  const host = ['-l', user, '-p', String(port)];
  if ('command' in request) return [...only, ...host, '-T', '--', hostname, request.command];
  const { host: address = '127.0.0.1', port: destination } = request;
  return [...only, ...host, '-W', `${address.includes(':') ? `[${address}]` : address}:${destination}`, '--', hostname];
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Resolves to what standard error says first, or to nothing if standard output or a silence comes first. It consumes nothing. */
async function firstOutput({ stdout, stderr }: Child, exit: Promise<unknown>): Promise<string> {
  const arrived = (stream: Readable) => new Promise<void>((resolve) => stream.once('readable', resolve));
  const silence = new AbortController();
  try {
    await Promise.race([
      arrived(stdout),
      arrived(stderr),
      exit,
      delay(silenceMs, undefined, { signal: silence.signal }).catch(() => undefined),
    ]);
  } finally {
    silence.abort();
  }
  const bytes: unknown = stderr.read();
  for (const stream of [stdout, stderr]) stream.removeAllListeners('readable');
  if (!Buffer.isBuffer(bytes)) return '';
  stderr.unshift(bytes);
  return bytes.toString();
}

function channelOf(child: Child, exit: Promise<readonly [number | null, NodeJS.Signals | null]>, ended: Promise<void>): Channel {
  const { stdin, stdout, stderr } = child;
  let closed = false;
  const close = () => {
    closed = true;
    child.kill();
  };
  // ssh may end before it has read everything; the exit code tells why.
  stdin.on('error', () => undefined);
  const stream = new Duplex({
    autoDestroy: false,
    emitClose: false,
    read: () => void stdout.resume(),
    write: (bytes, _encoding, done) => void stdin.write(bytes, () => done()),
    final: (done) => void stdin.end(done),
    destroy: (error, done) => {
      close();
      done(error);
    },
  });
  stdout.on('data', (bytes) => {
    if (!stream.push(bytes)) stdout.pause();
  });
  stdout.once('end', () => stream.push(null));
  void exit
    .then(async ([code, signal]) => {
      const lost = code === failureOfSsh && !closed && (await Promise.race([ended.then(() => true), delay(graceMs, false)]));
      if (!lost) stream.emit('exit', code, signal);
    })
    .catch(() => undefined)
    .then(() => stream.emit('close'));
  return Object.assign(stream, { stderr, setWindow: () => undefined, close });
}
