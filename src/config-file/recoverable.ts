import { Secret } from '../command/secret.ts';
import { environmentSecret, mailSecret } from '../host-paths.ts';
import type { UserConfig, UserSite } from './define.ts';

/** The values of the command line that a configuration in a backup has too. */
interface Overrides {
  readonly domain?: string;
  readonly php?: string;
  readonly database?: 'mysql' | 'mariadb' | 'none';
  readonly environment?: string;
}

/**
 * Returns what a restore on a new host needs of the user's configuration, as JSON: with the values of the command line, and with the name of the
 * host's secret in the place of each secret. `domains` are those of the sites, in their order. It has no servers, because the new host is another one, and no playbooks, because these are code.
 */
export function recoverableConfig(
  user: UserConfig,
  { name, domains }: { name: string; domains: readonly string[] },
  overrides: Overrides,
): string {
  const { server: _, servers: __, playbooks, sites, ...rest } = user;
  const [first = {}, ...others] = (sites ?? [rest]).map((site, index) =>
    withoutSecrets(withEnvironment(index === 0 ? withOverrides(site, overrides) : site, overrides.environment), domains[index] ?? ''),
  );
  const config = sites ? { ...rest, sites: [first, ...others] } : { ...rest, ...first };
  return JSON.stringify({ config: { ...config, name }, domains, hasPlaybooks: playbooks !== undefined && playbooks.length > 0 }, null, 2);
}

function withOverrides(site: UserSite, { domain, php, database }: Overrides): UserSite {
  return {
    ...site,
    ...(domain !== undefined && { domain }),
    ...(php !== undefined && { php: { ...site.php, version: php } }),
    ...(database !== undefined && { database: { ...site.database, engine: database } }),
  };
}

/** The overlay of the environment is part of the configuration already, so only its variable is added. */
function withEnvironment(site: UserSite, environment: string | undefined): UserSite {
  if (environment === undefined) return site;
  return { ...site, app: { ...site.app, env: { FOOBAR_ENV: environment, ...site.app?.env } } };
}

function withoutSecrets(site: UserSite, domain: string): object {
  const { env } = site.app ?? {};
  const variables = Object.entries(env ?? {}).map(([name, value]) => [
    name,
    value instanceof Secret ? { $secret: environmentSecret({ domain }, name) } : value,
  ]);
  return {
    ...site,
    ...(env && { app: { ...site.app, env: Object.fromEntries(variables) } }),
    ...(site.mail?.password !== undefined && { mail: { ...site.mail, password: { $secret: mailSecret({ domain }) } } }),
  };
}
