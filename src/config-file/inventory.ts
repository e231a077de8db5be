import { hostNamed, hostWithEveryRole, type InventoryHost, roles } from '../config/inventory.ts';
import { Problem } from '../error.ts';
import { parseTarget } from '../transport/target.ts';
import type { UserConfig, UserServer } from './define.ts';

/** What the command line says about the servers. */
interface NamedServers {
  /** The target. */
  readonly server?: string;
  /** The one server to work on. */
  readonly host?: string;
}

/**
 * Returns the servers to work on: the one that the command line names, otherwise all. Throws a Problem if the configuration does not have
 * the named one.
 */
export function namedHosts(user: Servers, { server, host }: NamedServers): readonly InventoryHost[] {
  const named = [server, host].filter((name) => name !== undefined);
  return named.reduce<readonly InventoryHost[]>((hosts, name) => [hostNamed(name, hosts)], inventoryOf(user, server));
}

type Servers = Pick<UserConfig, 'server' | 'servers'>;

/** Returns all servers of a configuration. Without `servers`, that is the one that the command line names, otherwise `server`. */
export function inventoryOf({ server, servers }: Servers, target?: string): readonly InventoryHost[] {
  if (servers === undefined) {
    const name = target ?? server;
    return name === undefined ? [] : [hostWithEveryRole(name)];
  }
  const entries = roles.flatMap((role) => (servers[role] ?? []).map((entry) => ({ role, ...entryOf(entry) })));
  const names = [...new Set(entries.map(({ ssh }) => ssh))];
  requireOneNameEach(names);
  return names.map((name) => {
    const sameHost = entries.filter(({ ssh }) => ssh === name);
    const address = oneAddress(name, [...new Set(sameHost.flatMap((entry) => entry.address ?? []))]);
    return {
      name,
      ...(address !== undefined && { address }),
      roles: roles.filter((role) => sameHost.some((entry) => entry.role === role)),
    };
  });
}

function entryOf(entry: string | UserServer): UserServer {
  return typeof entry === 'string' ? { ssh: entry } : entry;
}

function oneAddress(name: string, addresses: readonly string[]): string | undefined {
  if (addresses.length <= 1) return addresses[0];
  throw new Problem({
    message: `The server ${name} has more than one address: ${addresses.join(', ')}.`,
    hint: 'Give it the same address in each of its roles, or leave it out in all but one.',
  });
}

/** Throws a Problem if one server has two names, which would mean two runs on it at the same time. */
function requireOneNameEach(names: readonly string[]): void {
  const hostByAddress = new Map<string, string>();
  for (const name of names) {
    const { host, port = '' } = parseTarget(name);
    const other = hostByAddress.get(`${host} ${port}`);
    if (other !== undefined)
      throw new Problem({
        message: `${other} and ${name} are the same server.`,
        hint: 'Write it in the same way in each of its roles.',
      });
    hostByAddress.set(`${host} ${port}`, name);
  }
}
