import { Problem } from '../error.ts';

/** A host as the user named it: an address, a name, or a `Host` alias in ssh_config. */
export interface Target {
  /** What was typed, for messages. */
  readonly text: string;
  /** Without brackets. */
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

const shape = /^(?:(?<user>[^/]+)@)?(?:\[(?<ipv6>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|(?<name>[^\s@[\]:/]+))(?::(?<port>\d+))?$/;

/** Parses `[user@]host[:port]`, an IPv6 address in brackets. Throws a usage `Problem` (exit 1) on anything else. */
export function parseTarget(text: string): Target {
  const { user, ipv6, name, port } = shape.exec(text)?.groups ?? {};
  const host = ipv6 ?? name;
  if (host === undefined) throw invalidTarget(text, advice(text));
  // `ssh -G` would read a leading dash as an option, and no host's or user's name begins with one.
  if (host.startsWith('-') || user?.startsWith('-')) throw invalidTarget(text, 'A host or a user cannot begin with a dash.');
  if (user !== undefined && /[\s\p{Cc}]/u.test(user)) throw invalidTarget(text, 'A user name cannot contain spaces.');
  if (/[\p{Cc}]/u.test(host)) throw invalidTarget(text, 'A host name cannot contain control characters.');
  if (port !== undefined && !validPort(Number(port))) throw invalidTarget(text, 'A port is a number from 1 to 65535.');
  return { text, host, ...(user !== undefined && { user }), ...(port !== undefined && { port: Number(port) }) };
}

function validPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

function advice(text: string): string {
  if (text.includes('://')) return 'Leave out the scheme: user@host:port.';
  if ((text.match(/:/g) ?? []).length > 1 && !text.includes('[')) return 'Put an IPv6 address in brackets: [2001:db8::1]:22.';
  return 'A target is [user@]host[:port], or a Host alias of your ssh_config.';
}

function invalidTarget(text: string, hint: string): Problem {
  return new Problem({ message: `${JSON.stringify(text)} does not name a host.`, hint });
}
