import type { Login } from '../transport/transport.ts';
import type { SshFacts } from './facts.ts';

/** Used when the login is unknown; then no access is restricted. */
export const unknownLogin: Login = { user: 'root', by: 'nothing', hostKey: '' };

/** Parses ss(8)'s lines about sshd, systemctl's about ssh.socket, and the addresses of the login's own connection. */
export function sshOf(text: string, keys: string, login: Login): SshFacts {
  const lines = text.split('\n');
  const listening = lines.flatMap((line) => (/^LISTEN/.test(line) ? portsIn(line.split(/\s+/)[3] ?? '') : []));
  const socket = lines.includes('ActiveState=active')
    ? lines.flatMap((line) => (line.startsWith('Listen=') ? line.slice('Listen='.length).split(' ').flatMap(portsIn) : []))
    : [];
  // If neither has a port, use that of our own connection: client, its port, host, its port (ssh(1)).
  const [, , , own = ''] = (lines.find((line) => line.startsWith('Connection=')) ?? '').split(' ');
  const ports = [...listening, ...socket];
  return {
    ports: [...new Set(ports.length > 0 ? ports : own ? [Number(own)] : [])].sort((a, b) => a - b),
    hostKeys: keysIn(keys),
    login,
    ...(lines.includes('Restricted=yes') && { restricted: true }),
  };
}

/** Parses the port in `0.0.0.0:22`, `[::]:22`, `*:22` or a plain `22`. A socket file has no port. */
function portsIn(address: string): readonly number[] {
  const port = /^(?:.*:)?(\d+)$/.exec(address)?.[1];
  return port ? [Number(port)] : [];
}

/** Parses public keys, one on each line: type, base64, comment. */
function keysIn(text: string): SshFacts['hostKeys'] {
  return Object.fromEntries(
    text.split('\n').flatMap((line): [string, number][] => {
      const [type = '', base64 = ''] = line.split(' ');
      return base64 === '' ? [] : [[type, bitsOf(type, Buffer.from(base64, 'base64'))]];
    }),
  );
}

/**
 * Returns a key's size. In RFC 4253, 6.6, an RSA key has three fields with their lengths (type, exponent, modulus); other types have one
 * size each.
 */
function bitsOf(type: string, blob: Buffer): number {
  if (type !== 'ssh-rsa') return Number(/nistp(\d+)/.exec(type)?.[1] ?? 256);
  const lengthAt = (at: number) => (at + 4 <= blob.length ? blob.readUInt32BE(at) : 0);
  const exponent = 4 + lengthAt(0);
  const modulus = exponent + 4 + lengthAt(exponent);
  const digits = blob
    .subarray(modulus + 4, modulus + 4 + lengthAt(modulus))
    .toString('hex')
    .replace(/^0+/, '');
  return digits === '' ? 0 : digits.length * 4 - Math.clz32(Number.parseInt(digits.slice(0, 1), 16)) + 28;
}

/** Returns the first packet filter other than ours, or undefined if there is none. A ban list does not count. */
export function firewallOf(text: string): string | undefined {
  const found = text.split('\n').filter((line) => line !== '' && !/^rules in the table inet (foobar_provision|f2b-table)$/.test(line));
  return found.includes('ours') ? undefined : found[0];
}
