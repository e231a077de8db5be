import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'ssh2';
import { exitCode, Problem } from '../error.ts';
import type { HostSettings } from './ssh-config.ts';
import type { Login } from './transport.ts';

/** An authenticated connection. */
export interface Link {
  readonly client: Client;
  readonly settings: HostSettings;
  readonly login: Login;
  alive(): boolean;
  /** Returns the Problem with which calls fail once the connection is lost (exit 4). */
  lost(): Problem;
  close(): Promise<void>;
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
    client,
    settings,
    login,
    alive: () => alive,
    lost() {
      const cause = silent ?? failure();
      return new Problem({
        message: `The connection to ${settings.name} was lost${cause === undefined ? '' : ` (${cause.message})`}.`,
        hint: 'Check the network and run the command again: a run that had started continues on the host, and the command finds it.',
        exit: exitCode.unreachable,
        host: settings.name,
        cause,
      });
    },
    async close() {
      client.end();
      await Promise.race([closed, delay(1000, undefined, { ref: false })]);
      client.destroy();
    },
  };
}
