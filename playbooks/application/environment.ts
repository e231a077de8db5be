import { Secret, type Site, secretPlace } from '../../src/index.ts';
import type { Database } from '../database/engine.ts';
import { databaseSecret } from './paths.ts';

/** The pool's `env[…]` lines: the database under the names that frameworks read, then the site's own. */
export function environmentOf(site: Site, database: Database | undefined): string {
  return entries(site, database)
    .map(([name, value]) => `env[${name}] = "${value}"`)
    .join('\n');
}

/** The same as systemd reads a file of it, for what runs beside the pool: hooks, workers and timers. */
export function environmentFile(site: Site, database: Database | undefined): string {
  return entries(site, database)
    .map(([name, value]) => `${name}="${value}"`)
    .join('\n');
}

/** The secrets that an environment names, which the host fills in. */
export function secretsOf(site: Site, database: Database | undefined): readonly string[] {
  const own = Object.entries(site.app.env).flatMap(([name, value]) => (value instanceof Secret ? [environmentSecret(site, name)] : []));
  return [...(database ? [databaseSecret(site)] : []), ...own];
}

function entries(site: Site, database: Database | undefined): readonly (readonly [string, string])[] {
  const all = { ...(database && databaseEnvironment(site, database)), ...ownEnvironment(site) };
  return Object.entries(all).map(([name, value]) => [name, quotable(name, value)]);
}

function databaseEnvironment(site: Site, { socket }: Database): Record<string, string> {
  const { name, user } = site.database;
  const password = secretPlace(databaseSecret(site));
  return {
    DATABASE_URL: `mysql://${user}:${password}@localhost/${name}?unix_socket=${socket}`,
    DB_CONNECTION: 'mysql',
    DB_HOST: 'localhost',
    DB_PORT: '3306',
    DB_SOCKET: socket,
    DB_DATABASE: name,
    DB_USERNAME: user,
    DB_PASSWORD: password,
    DB_NAME: name,
    DB_USER: user,
  };
}

/** A `Secret` of the user's stands in the pool as its place; the host fills it from the file that holds it. */
function ownEnvironment(site: Site): Record<string, string> {
  return Object.fromEntries(
    Object.entries(site.app.env).map(([name, value]) => [
      name,
      value instanceof Secret ? secretPlace(environmentSecret(site, name)) : value,
    ]),
  );
}

/** The name of the secret that holds one variable of the site's own. */
export function environmentSecret({ domain }: Site, name: string): string {
  return `${domain}.env.${name}`;
}

/** Between double quotes FPM's parser expands `$` and ends at `"`; both have no escape that every version knows, so such values are refused. */
function quotable(name: string, value: string): string {
  if (/["$\\\p{Cc}]/u.test(value))
    throw new TypeError(`app.env.${name} holds a character that an FPM pool cannot: one of " $ \\ or a line's end`);
  return value;
}
