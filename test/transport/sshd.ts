import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const binary = '/usr/sbin/sshd';

/** The reason why no server can be started here, or undefined if one can. */
export function missing(): string | undefined {
  if (!existsSync(binary)) return `there is no ${binary}`;
  if (process.getuid?.() !== 0) return 'these tests log in as root, and this is not root';
  return undefined;
}

/** A directory with a client's keys: `plain`, `locked` (its passphrase is "open sesame") and `stranger`, which no server knows. */
export function makeKeys() {
  const directory = mkdtempSync(join(tmpdir(), 'transport-'));
  const make = (name: string, passphrase = '') => {
    const path = join(directory, name);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', path]);
    return path;
  };
  return {
    directory,
    plain: make('plain'),
    locked: make('locked', 'open sesame'),
    stranger: make('stranger'),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

export interface Server {
  readonly port: number;
  /** The public host keys, `type base64`, by type. */
  readonly hostKey: (type: 'ed25519' | 'ecdsa') => string;
  stop(): Promise<void>;
}

/** An OpenSSH server of our own on loopback; `authorized` are its authorized_keys lines. */
export async function startServer(directory: string, name: string, authorized: string, more: readonly string[] = []): Promise<Server> {
  const path = (file: string) => join(directory, `${name}-${file}`);
  for (const type of ['ed25519', 'ecdsa']) execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', path(type)]);
  writeFileSync(path('authorized'), authorized);
  const port = await freePort();
  const settings = [
    ...more,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${path('ed25519')}`,
    `HostKey ${path('ecdsa')}`,
    `AuthorizedKeysFile ${path('authorized')}`,
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    // Do not use the profile of the person who runs the tests: it may print, or take long.
    `SetEnv HOME=${directory}`,
  ];
  writeFileSync(path('config'), settings.join('\n'));
  mkdirSync('/run/sshd', { recursive: true });
  const server = spawn(binary, ['-D', '-e', '-f', path('config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', (text) => String(text).includes('listening on') && resolve());
    server.once('exit', () => reject(new Error('sshd did not start')));
  });
  return {
    port,
    hostKey: (type) =>
      readFileSync(`${path(type)}.pub`, 'utf8')
        .split(' ')
        .slice(0, 2)
        .join(' '),
    stop: () =>
      new Promise((resolve) => {
        server.once('exit', () => resolve());
        server.kill();
      }),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
