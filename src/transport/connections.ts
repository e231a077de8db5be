import type { PseudoTtyOptions } from 'ssh2';
import { Problem } from '../error.ts';
import { execute, isRefusedSession, type Trips } from './channel.ts';
import type { Channel, Link } from './connection.ts';
import { hungUp } from './login-shell.ts';
import type { Route } from './route.ts';

/** The connections to a host: one, and more if its sshd limits the number of commands on each (MaxSessions). */
export interface Links {
  /** Whether one connection was not enough. */
  readonly limited: boolean;
  /** Starts a command line in the login shell, on the first connection that accepts one. */
  start(command: string, trips: Trips, terminal?: PseudoTtyOptions): Promise<{ readonly link: Link; readonly channel: Channel }>;
  close(): Promise<void>;
}

/** Returns a pool that starts with one connection and opens others with `dial`. */
export function poolLinks(first: Link, dial: () => Promise<Route>): Links {
  const more: Route[] = [];
  let dialed: Promise<unknown> = Promise.resolve();
  let hasRunCommand = first.isShared;

  async function on(link: Link, command: string, trips: Trips, terminal?: PseudoTtyOptions) {
    const channel = await execute(link, command, trips, terminal).catch((error: unknown) => {
      throw hasRunCommand || link.alive() ? error : hungUp(link);
    });
    hasRunCommand = true;
    return { link, channel };
  }

  /** Tries each connection. Resolves to undefined if all are full; rejects if another connection would not help. */
  async function onAny(command: string, trips: Trips, terminal?: PseudoTtyOptions) {
    const own = more.map((route) => route.link).filter((link) => link.alive());
    // ssh cannot pass a terminal's size through pipes, so a terminal gets a separate login.
    for (const link of terminal && first.isShared ? own : [first, ...own]) {
      try {
        return await on(link, command, trips, terminal);
      } catch (error) {
        // A host that has never run a command will not run one on another connection.
        if (!hasRunCommand || !(error instanceof Problem) || !isRefusedSession(error.cause)) throw error;
      }
    }
    return undefined;
  }

  async function onAnother(command: string, trips: Trips, terminal?: PseudoTtyOptions) {
    const started = await onAny(command, trips, terminal);
    if (started) return started;
    const route = await dial();
    more.push(route);
    return on(route.link, command, trips, terminal);
  }

  return {
    get limited() {
      return more.length > 0;
    },
    async start(command, trips, terminal) {
      const started = await onAny(command, trips, terminal);
      if (started) return started;
      // Dial one at a time: sshd may also limit simultaneous logins (MaxStartups), and a command may have ended meanwhile.
      const result = dialed.then(() => onAnother(command, trips, terminal));
      dialed = result.catch(() => undefined);
      return result;
    },
    async close() {
      await Promise.all(more.map((route) => route.close()));
    },
  };
}
