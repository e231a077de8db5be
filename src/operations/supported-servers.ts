import type { Config } from '../config/config.ts';
import type { InventoryHost } from '../config/inventory.ts';
import { Problem } from '../error.ts';

/** Throws a Problem if a command would work on several hosts. */
export function requireOneServer(targets: readonly InventoryHost[]): void {
  const [first, ...others] = targets;
  if (!first || others.length === 0) return;
  throw new Problem({
    message: `The configuration names several servers: ${targets.map(({ name }) => name).join(', ')}. So far only one can be set up.`,
    hint: `Choose one of them with --host ${first.name}, or set up everything on one: server: '${first.name}' instead of servers.`,
  });
}

/** Throws a Problem if a host's roles are useless without another host. */
export function requireSufficientRoles({ sites }: Config, { name, roles }: InventoryHost): void {
  const alone = sites.find(({ database }) => database.engine !== 'none');
  if (roles.includes('web') && !roles.includes('database') && alone)
    throw new Problem({
      message: `${name} has the role web without the role database, and ${alone.domain} has a database. So far a site and its database must be on the same server.`,
      hint: `Add ${name} to servers.database, or leave the database out: database: { engine: 'none' }.`,
    });
  if (!roles.includes('web') && !roles.includes('database'))
    throw new Problem({
      message: `${name} has only the ${roles.length === 1 ? 'role' : 'roles'} ${roles.join(' and ')}, for which nothing is set up so far.`,
      hint: 'Give it the role web or database too, or take it out of servers.',
    });
}
