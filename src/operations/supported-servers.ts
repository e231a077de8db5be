import type { Config } from '../config/config.ts';
import type { InventoryHost, Role } from '../config/inventory.ts';
import { Problem } from '../error.ts';

/**
 * Throws a Problem if a command would work on servers that cannot be set up together. Supported are one server, and two of which one is for the
 * web and the other for the database.
 */
export function requireSupportedServers(targets: readonly InventoryHost[]): void {
  if (targets.length < 2 || isPair(targets)) return;
  const names = targets.map(({ name, roles }) => `${name} (${roles.join(', ')})`).join(', ');
  throw new Problem({
    message: `The configuration names the servers ${names}. So far only one can be set up, or two: one for the web, and one for the database alone.`,
    hint: `Choose one of them with --host ${targets[0]?.name}. Or keep one server in servers.web and one in servers.database: the roles balancer and cache belong to the web server.`,
  });
}

/** Throws a Problem if the roles of a host that a command works on are useless without another host. */
export function requireSufficientRoles({ sites, hosts }: Config, { name, roles }: InventoryHost): void {
  if (isPair(hosts)) return;
  const alone = sites.find(({ database }) => database.engine !== 'none');
  if (roles.includes('web') && !roles.includes('database') && alone)
    throw new Problem({
      message: `${name} has the role web without the role database, and ${alone.domain} has a database.`,
      hint: `Name one server in servers.database: ${name}, or a server for the database alone. Or leave the database out: database: { engine: 'none' }.`,
    });
  if (!roles.includes('web') && !roles.includes('database'))
    throw new Problem({
      message: `${name} has only the ${roles.length === 1 ? 'role' : 'roles'} ${roles.join(' and ')}, for which nothing is set up so far.`,
      hint: 'Give it the role web or database too, or take it out of servers.',
    });
}

/** Throws a Problem if the configuration asks for what works only with the site and its database on one server. */
export function requireOneServerFor({ hosts, sites, backups }: Config): void {
  if (!isPair(hosts)) return;
  if (backups)
    throw new Problem({
      message: 'Backups are not made so far if the sites and their databases are on two servers.',
      hint: 'Leave `backups` out, and make copies with `foobar-provision db export` and of the folder shared/ of each site; or use one server.',
    });
  const mysql = sites.find(({ database }) => database.engine === 'mysql' && database.explicit);
  if (mysql)
    throw new Problem({
      message: `${mysql.domain} asks for MySQL. So far a database on a server of its own is MariaDB.`,
      hint: `Set database: { engine: 'mariadb' }, or leave the engine out.`,
    });
}

/** Returns whether these are a web server and a server for its database. */
export function isPair(hosts: readonly InventoryHost[]): boolean {
  const has = ({ roles }: InventoryHost, role: Role) => roles.includes(role);
  const web = hosts.find((host) => has(host, 'web'));
  const database = hosts.find((host) => has(host, 'database'));
  return hosts.length === 2 && web !== undefined && database !== undefined && web !== database && database.roles.length === 1;
}
