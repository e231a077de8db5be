import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import type { PseudoTtyOptions } from 'ssh2';
import { exitCode, messageOf, Problem } from '../error.ts';
import type { Channel, Link } from './connection.ts';
import type { Endpoint } from './transport.ts';

/** The number of round trips that scripts have waited for. Streams beside them are not counted. */
export interface Trips {
  count: number;
}

/**
 * Starts a command line in the login shell: one round trip for the channel, and one for the command and its first output. With `terminal`
 * the command has a terminal, so its two output streams are one.
 */
export async function execute(link: Link, command: string, trips: Trips, terminal?: PseudoTtyOptions): Promise<Channel> {
  trips.count += 2;
  return link.exec(command, terminal).catch((cause: unknown) => {
    throw noChannel(link, cause);
  });
}

/** Opens a stream to an address or a socket on the host, as the login user, in one round trip. */
export async function forward(link: Link, endpoint: Endpoint): Promise<Duplex> {
  const where = 'socket' in endpoint ? endpoint.socket : `${endpoint.host ?? '127.0.0.1'}:${endpoint.port}`;
  return link.forward(endpoint).catch((cause: unknown) => {
    throw link.alive() ? noForward(link, where, cause) : link.lost();
  });
}

/** Resolves to the exit code of a channel's command, or 128 plus a signal's number; to undefined if the connection was lost first. */
export function ending(channel: Channel): Promise<number | undefined> {
  let code: number | undefined;
  channel.once('exit', (value: number | null, signal?: string) => {
    code = value ?? 128 + (Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0);
  });
  return new Promise((resolve) => channel.once('close', () => resolve(code)));
}

function noChannel(link: Link, cause: unknown): Problem {
  if (!link.alive()) return link.lost();
  return new Problem({
    message: `${link.settings.name} accepted the login but does not run commands (${messageOf(cause)}).`,
    hint: 'Its sshd allows no commands, or too few at a time: run "sshd -T | grep -i maxsessions" there; the default is 10.',
    exit: exitCode.unreachable,
    host: link.settings.name,
    cause,
  });
}

/** Returns whether sshd refused another command on this connection (MaxSessions). */
export function isRefusedSession(cause: unknown): boolean {
  return cause instanceof Error && /^\(SSH\) Channel open failure|^mux_client_request_session: /.test(cause.message);
}

/** Returns whether sshd's own settings forbid forwarding, as opposed to a failure of the destination. */
export function isProhibited(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  return /prohibited/i.test(cause.message) || ('reason' in cause && (cause.reason === 1 || cause.reason === 'ADMINISTRATIVELY_PROHIBITED'));
}

function noForward(link: Link, where: string, cause: unknown): Problem {
  const prohibited = isProhibited(cause);
  return new Problem({
    message: `${link.settings.name} does not forward to ${where} (${messageOf(cause)}).`,
    hint: prohibited
      ? 'Its sshd forbids forwarding: AllowTcpForwarding and AllowStreamLocalForwarding must be on for this login.'
      : 'Nothing listens there, or the login user may not connect to it.',
    host: link.settings.name,
    cause,
  });
}
