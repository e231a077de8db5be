import { Problem } from '../error.ts';
import type { Site } from './config.ts';
import { identifierOf } from './domain.ts';

/** Names that MySQL, MariaDB and Debian's packages of them reserve, or that are SQL keywords. */
export const reserved = {
  users: ['root', 'mysql', 'mariadb', 'public', 'none', 'current_user', 'current_role', 'event_scheduler', 'system', 'healthcheck'],
  databases: ['mysql', 'sys', 'information_schema', 'performance_schema', 'ndbinfo', 'test'],
} as const;

/** Returns whether a name is reserved. Case is ignored, as some servers do. */
export function isReserved(name: string, names: readonly string[]): boolean {
  return names.includes(name.toLowerCase());
}

/** Throws a Problem if two sites would have the same account on the host or in the database. */
export function requireOwnNames(sites: readonly Site[]): void {
  requireDistinct(sites, 'system user', ({ domain }) => identifierOf(domain));
  requireDistinct(
    sites.filter(({ database }) => database.engine !== 'none'),
    'database user',
    ({ database }) => database.user,
  );
}

function requireDistinct(sites: readonly Site[], what: string, nameOf: (site: Site) => string): void {
  const owners = new Map<string, string>();
  for (const site of sites) {
    const name = nameOf(site);
    const other = owners.get(name);
    if (other)
      throw new Problem({
        message: `${other} and ${site.domain} have the same ${what}, ${name}.`,
        hint: `Give one of them another ${what === 'system user' ? 'domain' : 'database.user'}: each site has an account of its own.`,
      });
    owners.set(name, site.domain);
  }
}
