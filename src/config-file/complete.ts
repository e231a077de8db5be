import { dirname, normalize, resolve } from 'node:path';
import type { Recognized } from '../application/detect.ts';
import { gitIn } from '../application/git.ts';
import type { Source } from '../application/source.ts';
import type { Config, Site } from '../config/config.ts';
import { domainName, identifierOf, namesOf } from '../config/domain.ts';
import { hostOf } from '../config/host.ts';
import { letsEncrypt } from '../config/lets-encrypt.ts';
import { requireOwnNames } from '../config/names.ts';
import { proxiesOf } from '../config/proxies.ts';
import { Problem } from '../error.ts';
import { limitsOf } from '../limits.ts';
import { elsewhereOf, limitsOfRuntime, resolveRuntime, statedRuntime } from '../runtimes/index.ts';
import { backupsOf } from './backups.ts';
import { calendarOf } from './calendar.ts';
import type { UserConfig, UserSite } from './define.ts';
import { httpsOf, withOneHsts } from './https.ts';
import { inventoryOf } from './inventory.ts';
import { mailOf } from './mail.ts';
import { requireEffect } from './no-effect.ts';
import { proxiedAddressesOf, requireOwnPorts, workersOf } from './proxied-addresses.ts';
import { readApplication, readOneOfSeveral } from './read-application.ts';
import { recoverableConfig } from './recoverable.ts';
import { routingOf } from './routing.ts';
import { peopleOf } from './ssh-keys.ts';

/** Values from the command line, which take precedence over the file's. */
export interface Overrides {
  /** The server that is given as the target. */
  readonly server?: string;
  /** The one server of the inventory to work on. */
  readonly host?: string;
  readonly domain?: string;
  readonly app?: string;
  readonly checksum?: boolean;
  readonly php?: string;
  readonly database?: 'mysql' | 'mariadb' | 'none';
  /** The only site to work on. Applications of others are not sent. */
  readonly site?: string;
  /** True if no application will be sent: none is built or fetched again, and their files are read as they are. */
  readonly sendsNothing?: true;
  /** The environment whose overlay the configuration contains. */
  readonly environment?: string;
}

/**
 * Forbids what ordinary pages do not use: being framed by other sites, and a `<base>` of another site. It has no `object-src`, which would
 * block PDFs; plug-ins no longer exist.
 */
const usualPolicy = "frame-ancestors 'self'; base-uri 'self'";

/**
 * Fills in every default, builds the applications and reads their files. Paths in the configuration are relative to `file`, its own path.
 */
export async function complete(
  user: UserConfig,
  overrides: Overrides,
  file?: string,
  onLine: (line: string) => void = () => {},
): Promise<Config> {
  const { sites = [user], ...shared } = user;
  const folder = file ? dirname(resolve(file)) : process.cwd();
  const [first, ...rest] = await Promise.all(
    sites.map((site, index) =>
      completeSite(site, index === 0 ? overrides : {}, folder, onLine, {
        sendsNothing: overrides.sendsNothing === true || (overrides.site !== undefined && domainOf(site) !== overrides.site),
        read: sites.length > 1 ? readOneOfSeveral : readApplication,
        environment: overrides.environment,
      }),
    ),
  );
  if (!first) throw new RangeError('the schema lets no empty list of sites through');
  requireOneToSend([first, ...rest], overrides.site);
  requireOneEach([first, ...rest]);
  requireLengths([first, ...rest]);
  requireCertifiable([first, ...rest]);
  requireOwnNames([first, ...rest]);
  requireOwnPorts([first, ...rest]);
  return {
    name: shared.name ?? first.domain,
    hosts: inventoryOf(shared, overrides.server),
    sites: [first, ...rest],
    ...(shared.timezone !== undefined && { timezone: shared.timezone }),
    ...(shared.locale !== undefined && { locale: shared.locale }),
    ...(shared.swap !== undefined && { swap: shared.swap }),
    ...(shared.sshKeys && { people: await peopleOf(shared.sshKeys, folder) }),
    ...(shared.backups && {
      backups: backupsOf(shared.backups),
      recoverable: recoverableConfig(
        user,
        { name: shared.name ?? first.domain, domains: [first, ...rest].map(({ domain }) => domain) },
        overrides,
      ),
    }),
    host: hostOf(shared.host),
    adopt: shared.adopt ?? [],
    packages: shared.packages ?? [],
  };
}

function domainOf(site: UserSite): string {
  return domainName(site.domain ?? 'www.foobar.com');
}

/** Throws the first Problem if none of the applications to work on can be sent. */
function requireOneToSend(sites: readonly Site[], only: string | undefined): void {
  const concerned = sites.filter(({ domain }) => only === undefined || domain === only);
  const failures = concerned.flatMap(({ app: { failure } }) => failure ?? []);
  if (failures[0] && failures.length === concerned.length) throw failures[0];
}

interface CompletedWith {
  readonly sendsNothing: boolean;
  readonly read: typeof readOneOfSeveral;
  readonly environment: string | undefined;
}

async function completeSite(
  site: UserSite,
  overrides: Overrides,
  folder: string,
  onLine: (line: string) => void,
  { sendsNothing, read, environment }: CompletedWith,
): Promise<Site> {
  const requested = overrides.domain === undefined ? domainOf(site) : domainName(overrides.domain);
  const { domain, names } = await namesOf(requested, site.aliases ?? [], site.www);
  const identifier = identifierOf(domain);
  const stated = statedRuntime(site.app?.runtime, site);
  const { source, failure } = await read(
    { ...site.app, runtime: stated, ...(overrides.checksum && { checksum: true }), ...(sendsNothing && { sendsNothing }) },
    overrides.app,
    folder,
    onLine,
  );
  const { recognized } = source;
  const { installerFolder } = recognized;
  const shared = outermost(site.app?.shared ?? recognized.shared);
  const engine = overrides.database ?? site.database?.engine ?? (recognized.databaseFile === undefined ? undefined : 'none');
  const hasDatabase = engine !== 'none' || recognized.databaseFile !== undefined;
  const kind = stated ?? recognized.runtime;
  const env = {
    ...(kind === 'php' && recognized.environment),
    // No program of a static site reads it. Frameworks load other settings by APP_ENV, so only the user sets that.
    ...(environment !== undefined && kind !== 'static' && { FOOBAR_ENV: environment }),
    ...site.app?.env,
  };
  requireEffect(overrides.php === undefined ? site : { ...site, php: { ...site.php, version: overrides.php } }, kind, domain);
  const runtime = await resolveRuntime(kind, site, {
    detected: recognized,
    folder,
    version: overrides.php,
    env,
    limits: site.limits ?? {},
  });
  return {
    domain,
    names,
    runtime,
    limits: limitsOf(site.limits ?? {}, limitsOfRuntime(runtime)),
    app: {
      source,
      ...(failure && { failure }),
      hooks: {
        before: site.app?.hooks?.before ?? (hasDatabase && recognized.migrate ? [recognized.migrate.command] : []),
        after: site.app?.hooks?.after ?? [],
      },
      shared,
      written: recognized.written.filter((path) => shared.includes(path)),
      ...(installerFolder && inside(installerFolder.once, shared) && { installerFolder }),
      writable: outermost(site.app?.writable ?? recognized.writable).filter((path) => !inside(path, shared)),
      elsewhere: elsewhereOf(site),
      env,
      keys: keysOf(recognized, env, source, shared),
      variables: variablesOf(recognized, env, source, shared),
      keep: site.app?.keep ?? 5,
      healthPath: site.app?.health?.path ?? site.app?.healthPath ?? recognized.healthPath,
      health: {
        status: site.app?.health?.status ?? 200,
        // An unknown application may be an API without a front page, but the front page of a known one has content.
        mayBeEmpty: site.app?.health?.empty ?? !recognized.isKnown,
      },
    },
    workers: workersOf(site),
    cron: Object.fromEntries(
      Object.entries(site.cron ?? {}).map(([name, { command, schedule }]) => [
        name,
        { command, calendar: calendarOf(schedule) ?? [schedule] },
      ]),
    ),
    database: {
      engine: engine ?? 'mysql',
      explicit: engine !== undefined,
      name: site.database?.name ?? identifier,
      user: site.database?.user ?? identifier,
      ...(site.database?.mask && { masks: site.database.mask }),
      snapshots: site.database?.snapshots ?? true,
    },
    ...(site.cache && { cache: { memory: 64, sessions: false, ...definedIn(site.cache) } }),
    ...(site.mail && { mail: mailOf(site.mail) }),
    https: await httpsOf(withOneHsts(site), names[0] ?? domain, folder),
    web: {
      policy: site.web?.policy ?? usualPolicy,
      cache: Number(site.web?.cache ?? 0),
      routing: routingOf(site.web, recognized.routing),
      proxies: proxiesOf(site.web?.proxies ?? []),
      ...(site.web?.proxy && { proxy: proxiedAddressesOf(site) }),
      ...(site.web?.logins && { logins: { paths: site.web.logins.paths, perMinute: site.web.logins.perMinute ?? 10 } }),
    },
  };
}

function definedIn(cache: NonNullable<UserSite['cache']>): Partial<NonNullable<Site['cache']>> {
  if (typeof cache === 'string') return {};
  return { ...(cache.memory !== undefined && { memory: cache.memory }), ...(cache.sessions && { sessions: true }) };
}

/** Returns whether every application is a folder that is read as it is, without building or fetching. */
export function isReadAtOnce(user: UserConfig, { app: appOption, sendsNothing }: Overrides): boolean {
  const apps = (user.sites ?? [user]).map(({ app }, index) => ({
    ...app,
    ...(appOption !== undefined && index === 0 && { source: gitIn(appOption) }),
  }));
  return apps.every(({ source, build }) => typeof source !== 'object' && (sendsNothing || (build ?? []).length === 0));
}

/** Returns the variables whose keys the host generates: those that neither the configuration nor a file of the application has. */
function keysOf(
  { keys = {}, written }: Recognized,
  env: Site['app']['env'],
  { entries }: Source,
  shared: readonly string[],
): readonly string[] {
  const has = (file: string) => brings(file, written, entries, shared);
  return Object.entries(keys).flatMap(([name, files]) => (env[name] !== undefined || files.some(has) ? [] : [name]));
}

/** Returns the variables that the application's settings are read from, unless the configuration or a file of the application has them. */
function variablesOf(
  { variables, written }: Recognized,
  env: Site['app']['env'],
  { entries }: Source,
  shared: readonly string[],
): Site['app']['variables'] {
  if (!variables || brings(variables.unless, written, entries, shared)) return {};
  return Object.fromEntries(Object.entries(variables.values).filter(([name]) => env[name] === undefined));
}

/** Returns whether a release has a file when it begins. */
function brings(file: string, written: readonly string[], entries: Source['entries'], shared: readonly string[]): boolean {
  return (shared.includes(file) && !written.includes(file)) || entries.some(({ path }) => path === file);
}

/** Leaves out paths inside a shared folder, which are shared with it. */
function outermost(paths: readonly string[]): readonly string[] {
  const normal = [...new Set(paths.map((path) => normalize(path).replace(/\/$/, '')))];
  return normal.filter((path) => !normal.some((other) => path.startsWith(`${other}/`)));
}

function inside(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => `${path}/`.startsWith(`${folder}/`));
}

/** Throws a Problem if two sites have the same name: nginx would use the first one without an error. */
function requireOneEach(sites: readonly Site[]): void {
  const domainByName = new Map<string, string>();
  for (const { domain, names } of sites) {
    for (const name of names) {
      const other = domainByName.get(name);
      if (other)
        throw new Problem({
          message: `${name} is a name of two sites: ${other} and ${domain}.`,
          hint: 'Remove it from one of them.',
        });
      domainByName.set(name, domain);
    }
  }
}

/**
 * The maximum length of a domain that is part of paths, because the path of a socket has at most 107 bytes (unix(7)), and of any name,
 * because of nginx's limit.
 */
export const longest = { domain: 70, name: 110 } as const;

/** The maximum number of names in a certificate of Let's Encrypt, https://letsencrypt.org/docs/rate-limits/. */
const mostCertified = 100;

function requireCertifiable(sites: readonly Site[]): void {
  for (const { domain, names, https } of sites) {
    const { certificate } = https;
    const isTheirs = 'acme' in certificate && Object.values<string>(letsEncrypt).includes(certificate.acme.directory);
    if (!isTheirs || names.length <= mostCertified) continue;
    throw new Problem({
      message: `${domain} has ${names.length} names, and a Let's Encrypt certificate can have at most ${mostCertified}.`,
      hint: 'Split it into two sites, each with some of the aliases; or use your own certificate (https: { certificate, key }), or turn HTTPS off (https: false).',
    });
  }
}

function requireLengths(sites: readonly Site[]): void {
  for (const { domain, names } of sites) {
    const name = domain.length > longest.domain ? domain : names.find(({ length }) => length > longest.name);
    if (name)
      throw new Problem({
        message: `The name ${name} is too long: it has ${name.length} characters.`,
        hint: `A site's domain can have at most ${longest.domain}, because it is part of a socket's path, and its other names ${longest.name}.`,
      });
  }
}
