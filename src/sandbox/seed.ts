import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostPaths } from './paths.ts';
import { nameservers } from './resolver.ts';
import { system } from './system.ts';

/**
 * Writes into the mounted tree what a provider's first boot would: a name, a resolver, host keys, and the key for
 * root's login. It also records the host's keys on this machine, so that the first connection can verify them.
 */
export async function seed(name: string, address: string, paths: HostPaths): Promise<void> {
  const etc = (file: string) => join(paths.root, 'etc', file);
  const resolvers = await nameservers();
  await Promise.all([
    place(etc('hostname'), `${name}\n`),
    place(etc('hosts'), hostsFile(name)),
    place(etc('resolv.conf'), resolvers.map((server) => `nameserver ${server}\n`).join('')),
    hostKeys(address, paths),
    login(name, paths),
  ]);
}

/** Returns /etc/hosts in Debian's own layout, in which the name resolves to 127.0.1.1. */
export function hostsFile(name: string): string {
  return [
    '127.0.0.1\tlocalhost',
    `127.0.1.1\t${name}`,
    '::1\t\tlocalhost ip6-localhost ip6-loopback',
    'ff02::1\t\tip6-allnodes',
    'ff02::2\t\tip6-allrouters',
    '',
  ].join('\n');
}

async function hostKeys(address: string, paths: HostPaths): Promise<void> {
  await system('create the SSH keys of the host', ['ssh-keygen', '-q', '-A', '-f', paths.root]);
  const directory = join(paths.root, 'etc/ssh');
  const names = (await readdir(directory)).filter((file) => /^ssh_host_.*_key\.pub$/.test(file)).sort();
  const keys = await Promise.all(names.map((file) => readFile(join(directory, file), 'utf8')));
  await place(paths.knownHosts, keys.map((key) => `${address} ${key.split(' ').slice(0, 2).join(' ')}\n`).join(''));
}

async function login(name: string, paths: HostPaths): Promise<void> {
  await system('create the key for the login', [
    'ssh-keygen',
    '-q',
    '-t',
    'ed25519',
    '-N',
    '',
    '-C',
    `sandbox ${name}`,
    '-f',
    paths.identity,
  ]);
  const directory = join(paths.root, 'root/.ssh');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'authorized_keys'), await readFile(`${paths.identity}.pub`), { mode: 0o600 });
}

async function place(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o644 });
}
