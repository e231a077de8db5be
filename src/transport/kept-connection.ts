import { lookup } from 'node:dns/promises';
import { lstat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { type Channel, type Link, lostConnection } from './connection.ts';
import { type ChannelRequest, sshChannel } from './kept-channel.ts';
import type { ConnectOptions } from './options.ts';
import { recallLogin } from './remembered-login.ts';
import type { HostSettings } from './ssh-config.ts';

export interface KeptConnection {
  readonly link: Link;
  /** The host's IP address, or its name if this machine cannot look it up. */
  readonly address: string;
}

/** The first packet of OpenSSH's multiplexing protocol: length 8, MUX_MSG_HELLO, version 4 (PROTOCOL.mux in OpenSSH's sources). */
const hello = Buffer.from([0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 4]);

/** A running ssh process answers immediately, because the socket is on this machine. */
const helloTimeoutMs = 500;

/**
 * Uses the connection that the user's own ssh keeps open to the host (ControlMaster and ControlPath in ssh_config), which spares the handshake
 * and the login. ssh has checked the host's key. Resolves to undefined if there is none, if this command names its own key or known hosts, or
 * if it is not known how the user logs in, which decides what the plan may restrict.
 */
export async function keptConnection(
  settings: HostSettings,
  { direct, identity, hostKeys }: ConnectOptions,
): Promise<KeptConnection | undefined> {
  const { controlPath: path, hostname } = settings;
  if (path === undefined || direct || identity !== undefined || hostKeys.files !== undefined || !(await isOurs(path))) return undefined;
  const login = await recallLogin(settings);
  const master = login && (await reach(path));
  if (!login || !master) return undefined;
  let alive = true;
  const ended = new Promise<void>((resolve) => {
    master.once('close', () => {
      alive = false;
      resolve();
    });
  });
  const channels = new Set<Channel>();
  const open = async (request: ChannelRequest) => {
    const channel = await sshChannel({ path, settings, ended }, request);
    channels.add(channel);
    channel.once('close', () => channels.delete(channel));
    return channel;
  };
  const destroy = () => {
    for (const channel of channels) channel.close();
    master.destroy();
  };
  const link: Link = {
    settings,
    login,
    isShared: true,
    exec: (command) => open({ command }),
    async forward(endpoint) {
      if ('socket' in endpoint) throw new Error('ssh forwards no socket over a connection that is open already');
      return open(endpoint);
    },
    alive: () => alive,
    lost: () => lostConnection(settings),
    close: async () => destroy(),
    destroy,
  };
  const address = await lookup(hostname).then(
    (found) => found.address,
    () => hostname,
  );
  return { link, address };
}

/** Returns whether this user owns the socket. Otherwise another user's process could pretend to be ssh. */
async function isOurs(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSocket() === true && found.uid === process.getuid?.();
}

/** Resolves to a connection to the process that holds the connection to the host, and to undefined if it has ended or does not answer. */
function reach(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const master = connect(path);
    const done = (answer: Socket | undefined) => {
      clearTimeout(timer);
      if (!answer) master.destroy();
      resolve(answer);
    };
    const timer = setTimeout(done, helloTimeoutMs, undefined);
    master.on('error', () => done(undefined));
    master.once('data', (bytes) => done(bytes.equals(hello) ? master : undefined));
  });
}
