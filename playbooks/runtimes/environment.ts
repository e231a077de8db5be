import { environmentSecret, isSecure, type Mail, Secret, type Site, secretPlace } from '../../src/index.ts';
import { cacheEnvironment } from '../cache/socket.ts';
import type { Database } from '../database/engine.ts';
import { databaseSecret, pathsOf } from '../host/paths.ts';

/** Returns an environment file for systemd (systemd.exec(5)): for the application, or for its hooks, workers and timers. */
export function environmentFile(site: Site, database: Database | undefined, usual: Readonly<Record<string, string>> = {}): string {
  return environmentOf(site, database, usual)
    .map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`)
    .join('\n');
}

/** Returns the names of the secrets in an environment, which the host fills in. */
export function secretsOf(site: Site, database: Database | undefined): readonly string[] {
  const configured = Object.entries(site.app.env).flatMap(([name, value]) =>
    value instanceof Secret ? [environmentSecret(site, name)] : [],
  );
  const generated = site.app.keys.map((name) => environmentSecret(site, name));
  return [...(database ? [databaseSecret(site)] : []), ...generated, ...configured];
}

/** Names and values: those that are usual for the runtime, the database under the names that frameworks read, then the site's own. */
export function environmentOf(
  site: Site,
  database: Database | undefined,
  usual: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  const ours = { ...usual, ...(database && databaseEnvironment(site, database)) };
  return Object.entries({
    ...ours,
    ...cacheEnvironment(site),
    ...(site.mail && mailEnvironment(site, site.mail)),
    ...variablesOf(site, ours),
    ...Object.fromEntries(site.app.keys.map((name) => [name, secretPlace(environmentSecret(site, name))])),
    ...ownEnvironment(site),
  });
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

/** Returns the variables that the application's settings are read from, with the values of others. */
function variablesOf(site: Site, others: Readonly<Record<string, string>>): Record<string, string> {
  const [name = site.domain] = site.names;
  const known = new Map([
    ...Object.entries(others),
    ['site', `${isSecure(site) ? 'https' : 'http'}://${name}`] as const,
    ['application', pathsOf(site).current] as const,
  ]);
  return Object.fromEntries(
    Object.entries(site.app.variables).flatMap(([variable, value]) => {
      const isKnown = [...value.matchAll(placeholder)].every(([, key = '']) => known.has(key));
      return isKnown ? [[variable, value.replaceAll(placeholder, (_, key: string) => known.get(key) ?? '')]] : [];
    }),
  );
}

const placeholder = /\{(\w+)\}/g;

/** Laravel's and Symfony's mailers hand their mail to the host's sendmail program, like `mail()`. */
function mailEnvironment(site: Site, { from }: Mail): Record<string, string> {
  return {
    // Where msmtp looks for the relay: the site's HOME may be another folder, which the site can write.
    XDG_CONFIG_HOME: pathsOf(site).settings,
    MAIL_MAILER: 'sendmail',
    MAIL_SENDMAIL_PATH: '/usr/sbin/sendmail -t -i',
    MAIL_FROM_ADDRESS: from,
    MAILER_DSN: 'native://default',
  };
}

/** Replaces each `Secret` with a placeholder, which the host fills from the file with the secret. */
function ownEnvironment(site: Site): Record<string, string> {
  return Object.fromEntries(
    Object.entries(site.app.env).map(([name, value]) => [
      name,
      value instanceof Secret ? secretPlace(environmentSecret(site, name)) : value,
    ]),
  );
}
