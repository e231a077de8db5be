import type { Duplex, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, PseudoTtyOptions } from 'ssh2';
import { exitCode, Problem } from '../error.ts';
import type { HostSettings } from './ssh-config.ts';
import type { Endpoint, Login } from './transport.ts';

/**
 * The input and output of a command on the host. Emits `exit` with the exit code, or with null and the signal's name, and then `close`;
 * only `close` if the connection was lost first. On a shared connection, the exit code after any signal is 255 (ssh(1)).
 */
export interface Channel extends Duplex {
  readonly stderr: Readable;
  /** Changes the size of the command's terminal, if it has one. The last two are in pixels. */
  setWindow(rows: number, columns: number, height: number, width: number): void;
  close(): void;
}

/** An authenticated connection. */
export interface Link {
  readonly settings: HostSettings;
  readonly login: Login;
  /** Whether other programs use the connection too, so that the host may refuse a first command on it (MaxSessions). */
  readonly isShared: boolean;
  /** Starts a command line in the login shell, with a terminal if one is given. Rejects with the SSH library's error. */
  exec(command: string, terminal?: PseudoTtyOptions): Promise<Channel>;
  /** Opens a stream to an address or a socket on the host, as the login user. Rejects with the SSH library's error. */
  forward(endpoint: Endpoint): Promise<Duplex>;
  alive(): boolean;
  /** Returns the Problem with which calls fail once the connection is lost (exit 4). */
  lost(): Problem;
  close(): Promise<void>;
  /** Ends the connection without waiting for the host. */
  destroy(): void;
}

/** The interval of keepalives. A connection that has been silent for more than four intervals is dead. */
export const keepaliveIntervalMs = 5000;

/** Watches a new connection, and closes it when it has been silent for too long. */
export function watch(client: Client, settings: HostSettings, stream: Duplex, login: Login, failure: () => Error | undefined): Link {
  let quiet = 0;
  stream.on('data', () => {
    quiet = 0;
  });
  let silent: Error | undefined;
  const timer = setInterval(() => {
    quiet += 1;
    if (quiet <= 4) return;
    silent = new Error(`no response for ${(4 * keepaliveIntervalMs) / 1000} s`);
    stream.destroy();
  }, keepaliveIntervalMs);
  timer.unref();
  let alive = true;
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  // ssh2 notifies its channels synchronously, so a promise would be too late.
  client.once('close', () => {
    alive = false;
    clearInterval(timer);
  });
  return {
    settings,
    login,
    isShared: false,
    // ssh2 throws instead of calling back if the connection is already dead; a promise rejects in both cases.
    exec: (command, terminal) =>
      new Promise((resolve, reject) => {
        client.exec(command, terminal ? { pty: terminal } : {}, (cause, channel) => (cause ? reject(cause) : resolve(channel)));
      }),
    forward: (endpoint) =>
      new Promise((resolve, reject) => {
        const done = (cause: Error | undefined, opened: Duplex) => (cause ? reject(cause) : resolve(opened));
        if ('socket' in endpoint) client.openssh_forwardOutStreamLocal(endpoint.socket, done);
        else client.forwardOut('127.0.0.1', 0, endpoint.host ?? '127.0.0.1', endpoint.port, done);
      }),
    alive: () => alive,
    lost: () => lostConnection(settings, silent ?? failure()),
    async close() {
      client.end();
      await Promise.race([closed, delay(1000, undefined, { ref: false })]);
      client.destroy();
    },
    destroy: () => void client.destroy(),
  };
}

/** Returns the Problem of a connection that was lost after the login (exit 4). */
export function lostConnection({ name }: HostSettings, cause?: Error): Problem {
  return new Problem({
    message: `The connection to ${name} was lost${cause === undefined ? '' : ` (${cause.message})`}.`,
    hint: 'Check the network and run the command again: a run that had started continues on the host, and the command finds it.',
    exit: exitCode.unreachable,
    host: name,
    cause,
  });
}
