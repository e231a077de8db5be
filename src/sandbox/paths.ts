import { join } from 'node:path';

/** The directory of everything that outlives our processes: base systems, hosts and claimed addresses. Only root can read it. */
export const stateRoot = '/var/lib/foobar-provision-sandbox';

export const baseRoot = join(stateRoot, 'base');
export const hostsRoot = join(stateRoot, 'hosts');
/** Has a symbolic link for each address in use: its name is the slot's number, its target the host's name. */
export const slotsRoot = join(stateRoot, 'slots');

/** The paths of one host. */
export interface HostPaths {
  readonly directory: string;
  /** The layer with the host's own changes to the shared base system. */
  readonly upper: string;
  readonly work: string;
  /** The mount point of both layers together. */
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
