import type { ClientChannel } from 'ssh2';
import { Problem } from '../error.ts';
import { execute, isRefusedSession, type Trips } from './channel.ts';
import type { Link } from './connection.ts';
import { hungUp } from './login-shell.ts';
import type { Route } from './route.ts';

/** The connections to a host: one, and more where its sshd lets only so many commands run on each (MaxSessions). */
export interface Links {
  /** Whether one connection was not enough. */
  readonly limited: boolean;
  /** Starts a command line in the login shell, on the first connection that takes one. */
  start(command: string, trips: Trips): Promise<{ readonly link: Link; readonly channel: ClientChannel }>;
  close(): Promise<void>;
}

/** Starts with one connection; `dial` makes another one. */
export function poolLinks(first: Link, dial: () => Promise<Route>): Links {
  const more: Route[] = [];
  let dialled: Promise<unknown> = Promise.resolve();
  let taken = false;

  async function on(link: Link, command: string, trips: Trips) {
    const channel = await execute(link, command, trips).catch((error: unknown) => {
      throw taken || link.alive() ? error : hungUp(link);
    });
    taken = true;
    return { link, channel };
  }

  /** Undefined where none takes another command, and the problem where one would not help. */
  async function onAny(command: string, trips: Trips) {
    for (const link of [first, ...more.map((route) => route.link).filter((each) => each.alive())]) {
      try {
        return await on(link, command, trips);
      } catch (error) {
        // A host that has never run a command on a connection runs none on the next.
        if (!taken || !(error instanceof Problem) || !isRefusedSession(error.cause)) throw error;
      }
    }
    return undefined;
  }

  async function onAnother(command: string, trips: Trips) {
    const found = await onAny(command, trips);
    if (found) return found;
    const route = await dial();
    more.push(route);
    return on(route.link, command, trips);
  }

  return {
    get limited() {
      return more.length > 0;
    },
    async start(command, trips) {
      const found = await onAny(command, trips);
      if (found) return found;
      // One at a time: sshd may also limit how many log in at once (MaxStartups), and what ended meanwhile has left its place.
      const result = dialled.then(() => onAnother(command, trips));
      dialled = result.catch(() => undefined);
      return result;
    },
    async close() {
      await Promise.all(more.map((route) => route.close()));
    },
  };
}
