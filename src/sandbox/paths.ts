import { join } from 'node:path';

/** All that outlives a process of ours: base systems, hosts, the claims on addresses. Root's alone. */
export const stateRoot = '/var/lib/foobar-provision-sandbox';

export const baseRoot = join(stateRoot, 'base');
export const hostsRoot = join(stateRoot, 'hosts');
/** A symbolic link for each address in use, named by its slot and leading to the host's name. */
export const slotsRoot = join(stateRoot, 'slots');

/** The places of one host. */
export interface HostPaths {
  readonly directory: string;
  /** What the host has written, over the base system that it shares. */
  readonly upper: string;
  readonly work: string;
  /** Where the two are mounted as one. */
  readonly root: string;
  readonly state: string;
  readonly console: string;
  readonly identity: string;
  readonly knownHosts: string;
}

export function hostPaths(name: string): HostPaths {
  const directory = join(hostsRoot, name);
  return {
    directory,
    upper: join(directory, 'upper'),
    work: join(directory, 'work'),
    root: join(directory, 'root'),
    state: join(directory, 'state.json'),
    console: join(directory, 'console.log'),
    identity: join(directory, 'id_ed25519'),
    knownHosts: join(directory, 'known_hosts'),
  };
}
