import { bitsOf } from '../config/ssh-key.ts';
import type { Login } from '../transport/transport.ts';
import type { SshFacts } from './facts.ts';

/** The settings file of ours that names the file with the keys of `sshKeys`. It comes first, because sshd takes the first value. */
export const keysSettings = '/etc/ssh/sshd_config.d/00-foobar-provision-keys.conf';

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
  const [, , address = '', own = ''] = (lines.find((line) => line.startsWith('Connection=')) ?? '').split(' ');
  const ports = [...listening, ...socket];
  return {
    ports: [...new Set(ports.length > 0 ? ports : own ? [Number(own)] : [])].sort((a, b) => a - b),
    hostKeys: keysIn(keys),
    login,
    ...(address && { address }),
    ...(lines.includes('Restricted=yes') && { restricted: true }),
    ...keyFilesOf(lines),
  };
}

/**
 * Parses grep's lines about sshd's settings. sshd takes the first value that it reads, and its files come in that order. What follows a
 * `Match` in a file is for some logins only. The file that is ours contains the host's own value.
 */
function keyFilesOf(lines: readonly string[]): Pick<SshFacts, 'keyFiles'> {
  const settings = lines.flatMap((line) => {
    const [, file = '', keyword = '', value = ''] = /^(\/etc\/ssh\/[^:]+):\s*(AuthorizedKeysFile|Match)\b[\s=]*(.*?)\s*$/i.exec(line) ?? [];
    return file === '' || file === keysSettings ? [] : [{ file, isMatch: keyword.toLowerCase() === 'match', value }];
  });
  const first = settings.find(
    ({ file, isMatch }, index) => !isMatch && !settings.slice(0, index).some((before) => before.isMatch && before.file === file),
  );
  return first ? { keyFiles: first.value } : {};
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

/** Returns the first packet filter other than ours, or undefined if there is none. A ban list does not count. */
export function firewallOf(text: string): string | undefined {
  const found = text.split('\n').filter((line) => line !== '' && !/^rules in the table inet (foobar_provision|f2b-table)$/.test(line));
  return found.includes('ours') ? undefined : found[0];
}
