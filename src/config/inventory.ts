import { Problem } from '../error.ts';
import { parseTarget } from '../transport/target.ts';

/** What a server can be for the sites, in the order in which a request passes through them. */
export const roles = ['balancer', 'web', 'database', 'cache'] as const;

export type Role = (typeof roles)[number];

/** One server of the inventory. */
export interface InventoryHost {
  /** How to reach it over SSH, as the user wrote it: `root@203.0.113.5`, or a `Host` of ssh_config. */
  readonly name: string;
  /** The address at which the other servers reach it; undefined if it is the address from which the server connects to them. */
  readonly address?: string;
  readonly roles: readonly Role[];
}

/** Returns whether visitors connect to a server with these roles. */
export function meetsVisitors({ roles }: Pick<InventoryHost, 'roles'>): boolean {
  return roles.includes('web') || roles.includes('balancer');
}

/** Returns the inventory's entry for a server that does everything. */
export function hostWithEveryRole(name: string): InventoryHost {
  return { name, roles };
}

/**
 * Returns the server with this name. The host part of a name is enough if only one server has it. Throws a Problem if there is no such
 * server.
 */
export function hostNamed(name: string, inventory: readonly InventoryHost[]): InventoryHost {
  const exact = inventory.find((host) => host.name === name);
  if (exact) return exact;
  const [found, ...others] = inventory.filter((host) => parseTarget(host.name).host === name);
  if (found && others.length === 0) return found;
  const names = inventory.map((host) => host.name).join(', ');
  throw new Problem({
    message: `The configuration has no server ${JSON.stringify(name)}.`,
    hint:
      inventory.length > 0
        ? `Its servers are ${names}.`
        : 'It names no server at all: add `server` to it, or name the server on the command line (foobar-provision user@host).',
  });
}
