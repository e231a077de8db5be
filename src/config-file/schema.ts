import { isIP } from 'node:net';
import { normalize } from 'node:path/posix';
import { z } from 'zod/mini';
import type { GitSource } from '../application/git.ts';
import { reveal, Secret } from '../command/secret.ts';
import { repositoryOf } from '../config/backups.ts';
import { hostParts, noHost } from '../config/host.ts';
import { maskNames } from '../config/mask.ts';
import { isReserved, reserved } from '../config/names.ts';
import { isProxy } from '../config/proxies.ts';
import type { Playbook } from '../engine/playbook.ts';
import type { UserLimits } from '../limits.ts';
import { runtimeFields, runtimeNames } from '../runtimes/index.ts';
import { type Fields, text } from '../runtimes/rules.ts';
import { calendarOf } from './calendar.ts';
import type {
  UserApp,
  UserBackups,
  UserCache,
  UserConfig,
  UserCron,
  UserDatabase,
  UserHealth,
  UserHttps,
  UserMail,
  UserServer,
  UserServers,
  UserSite,
  UserWeb,
  UserWorker,
} from './define.ts';
import { isTimezone } from './timezone.ts';

const relative = text.check(
  z.refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'must be a path inside the application'),
);

const below = relative.check(z.refine((path) => !/^\.?\/?$/.test(normalize(path)), 'must be a path below the application'));

const oneLine = /^\P{Cc}*$/u;

const app = z.strictObject({
  source: z.optional(
    z.union([text, z.strictObject({ git: text, ref: z.optional(text), folder: z.optional(relative) } satisfies Fields<GitSource>)], {
      error: 'must be a folder, or a repository: { git, ref?, folder? }',
    }),
  ),
  docroot: z.optional(relative.check(z.regex(/^[A-Za-z0-9._/-]+$/, 'must consist of letters, digits, dots, dashes and underscores'))),
  exclude: z.optional(z.array(text)),
  checksum: z.optional(z.boolean()),
  build: z.optional(z.array(text)),
  runtime: z.optional(z.enum(runtimeNames)),
  hooks: z.optional(z.strictObject({ before: z.optional(z.array(text)), after: z.optional(z.array(text)) })),
  shared: z.optional(z.array(below)),
  writable: z.optional(z.array(below)),
  env: z.optional(
    z.record(
      text.check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable')),
      z.custom<string | Secret>(
        (value) =>
          value instanceof Secret ? reveal(value) !== '' && oneLine.test(reveal(value)) : typeof value === 'string' && oneLine.test(value),
        'must be text, or a Secret, on one line',
      ),
    ),
  ),
  keep: z.optional(z.int().check(z.minimum(2), z.maximum(100))),
  healthPath: z.optional(text.check(z.regex(/^\//, 'must begin with /'))),
  health: z.optional(
    z.strictObject({
      path: z.optional(text.check(z.regex(/^\//, 'must begin with /'))),
      status: z.optional(z.int().check(z.minimum(200), z.maximum(499))),
      empty: z.optional(z.boolean()),
    } satisfies Fields<UserHealth>),
  ),
} satisfies Fields<UserApp>);

const unitName = text.check(z.regex(/^[a-z0-9][a-z0-9-]*$/, 'must consist of lower-case letters, digits and dashes'));
const line = text.check(z.regex(oneLine, 'must be on one line'));

const host = z.strictObject(Object.fromEntries([...Object.keys(hostParts), 'sandbox'].map((part) => [part, z.optional(z.boolean())])));

const server = z.strictObject({
  ssh: text,
  address: z.optional(text.check(z.refine((address) => isIP(address) !== 0, 'must be an IP address'))),
} satisfies Fields<UserServer>);

const serverList = z.optional(z.array(z.union([text, server])).check(z.minLength(1)));

const servers = z
  .strictObject({ balancer: serverList, web: serverList, database: serverList, cache: serverList } satisfies Fields<UserServers>)
  .check(z.refine((byRole) => Object.keys(byRole).length > 0, 'must name a server'));

const identifier = text.check(z.regex(/^[A-Za-z0-9_]{1,32}$/, 'must consist of letters, digits and underscores, 32 at most'));

const database = z.strictObject({
  snapshots: z.optional(z.boolean()),
  engine: z.optional(z.enum(['mysql', 'mariadb', 'none'])),
  name: z.optional(
    identifier.check(z.refine((name) => !isReserved(name, reserved.databases), 'is reserved by the database server: choose another')),
  ),
  user: z.optional(
    identifier.check(z.refine((name) => !isReserved(name, reserved.users), 'is reserved by the database server: choose another')),
  ),
  mask: z.optional(
    z.record(
      text.check(z.regex(/^[^.]+\.[^.]+$/, 'must be a table and a column, such as users.email')),
      z.union([z.enum(maskNames), z.strictObject({ value: z.string() })], {
        error: `must be one of ${maskNames.join(', ')}, or { value }`,
      }),
    ),
  ),
} satisfies Fields<UserDatabase>);

const cache = z.strictObject({
  engine: z.optional(z.literal('valkey')),
  memory: z.optional(z.int().check(z.minimum(1), z.maximum(65_536))),
  sessions: z.optional(z.boolean()),
} satisfies Fields<UserCache>);

const secretLine = z.custom<string | Secret>((value) => {
  const revealed = value instanceof Secret ? reveal(value) : value;
  return typeof revealed === 'string' && revealed !== '' && oneLine.test(revealed);
}, 'must be text, or a Secret, on one line');

const mail = z
  .strictObject({
    host: text.check(z.regex(/^[A-Za-z0-9.:-]+$/, 'must be a host name or an address')),
    port: z.optional(z.int().check(z.minimum(1), z.maximum(65_535))),
    user: z.optional(text.check(z.regex(/^[^"\p{Cc}]+$/u, 'must be on one line and without "'))),
    password: z.optional(secretLine),
    from: text.check(z.regex(/^[^\s"@<>]+@[^\s"@<>]+$/, 'must be an address such as shop@example.com')),
    tls: z.optional(z.enum(['starttls', 'implicit', 'none'])),
  } satisfies Fields<UserMail>)
  .check(z.refine(({ user, password }) => (user === undefined) === (password === undefined), 'user and password go together'));

const https = z
  .strictObject({
    mode: z.optional(z.enum(['auto', 'on', 'self-signed'])),
    email: z.optional(text.check(z.regex(/^[^\s@']+@[^\s@']+$/, 'must be an e-mail address'))),
    directory: z.optional(text.check(z.regex(/^https:\/\/[^\s'"]+$/, 'must be the https:// address of an ACME directory'))),
    staging: z.optional(z.boolean()),
    caBundle: z.optional(text),
    certificate: z.optional(text),
    key: z.optional(text),
    tls: z.optional(z.enum(['intermediate', 'modern'])),
    hsts: z.optional(z.int().check(z.minimum(0), z.maximum(315_360_000))),
  } satisfies Fields<UserHttps>)
  .check(z.refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), 'certificate and key go together'));

const address = text.check(z.regex(/^\//, 'must begin with /'));

const web = z.strictObject({
  policy: z.optional(z.string().check(z.regex(/^[^"$\\\p{Cc}]*$/u, 'must be on one line and without " $ \\'))),
  cache: z.optional(z.union([z.boolean(), z.int().check(z.minimum(1), z.maximum(86_400))])),
  proxies: z.optional(
    z.array(text.check(z.refine(isProxy, 'must be cloudflare, an IP address, or a network such as 10.0.0.0/8'))).check(z.minLength(1)),
  ),
  logins: z.optional(
    z.strictObject({
      paths: z.array(text.check(z.regex(/^\/[A-Za-z0-9._~/-]*$/, 'must be a path such as /login'))).check(z.minLength(1)),
      perMinute: z.optional(z.int().check(z.minimum(1), z.maximum(600))),
    }),
  ),
  routes: z.optional(
    z.record(
      address,
      z.union([text, z.literal([403, 404, 410]), z.strictObject({ redirect: text, permanent: z.optional(z.boolean()) })], {
        error: 'must be an address, 403, 404, 410, or { redirect, permanent? }',
      }),
    ),
  ),
  proxy: z.optional(
    z.record(
      text.check(z.regex(/^(?:\/[A-Za-z0-9._~-]+)+\/?$/, 'must be an address such as /ws')),
      z.union(
        [text.check(z.regex(/^worker:[a-z0-9][a-z0-9-]*$/, 'must be worker: and a name')), z.int().check(z.minimum(1), z.maximum(65_535))],
        {
          error: 'must be worker:NAME, or a port',
        },
      ),
    ),
  ),
  deny: z.optional(z.array(text.check(z.regex(/^!?\//, 'must begin with / or !/')))),
  headers: z.optional(
    z.record(
      text.check(z.regex(/^[A-Za-z0-9-]+$/, 'must be the name of a header')),
      z.union([z.literal(false), z.string().check(z.regex(/^[^"$\\\p{Cc}]*$/u, 'must be on one line and without " $ \\'))]),
    ),
  ),
} satisfies Fields<UserWeb>);

const workers = z.record(
  unitName,
  z.strictObject({
    command: line,
    count: z.optional(z.int().check(z.minimum(1), z.maximum(64))),
    port: z.optional(z.int().check(z.minimum(1024), z.maximum(65_535))),
  } satisfies Fields<UserWorker>),
);
const schedule = line.check(
  z.refine(
    (text) => calendarOf(text) !== undefined,
    'must be a calendar event of systemd (*:0/5, daily, Mon 03:00) or a crontab schedule (*/5 * * * *); what starts with the host and keeps running is a worker',
  ),
);
const cron = z.record(unitName, z.strictObject({ command: line, schedule } satisfies Fields<UserCron>));

const sizeText = text.check(z.regex(/^[1-9]\d{0,5}[KMGkmg]$/, 'must be a size such as 256M'));

const limits = z.strictObject({
  upload: z.optional(sizeText),
  seconds: z.optional(z.int().check(z.minimum(1), z.maximum(86_400))),
  memory: z.optional(sizeText),
} satisfies Fields<UserLimits>);

const count = z.optional(z.int().check(z.minimum(0), z.maximum(1000)));

const backups = z.strictObject({
  to: text.check(
    z.refine((to) => repositoryOf(to) !== undefined, 'must be a folder (/mnt/backups), sftp:user@host:/path, or s3:https://host/bucket'),
  ),
  keep: z.optional(
    z
      .strictObject({ daily: count, weekly: count, monthly: count })
      .check(z.refine(({ daily = 7, weekly = 4, monthly = 6 }) => daily + weekly + monthly > 0, 'must keep a backup')),
  ),
  at: z.optional(text.check(z.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 03:30'))),
  drill: z.optional(z.union([z.enum(['nightly', 'weekly']), z.literal(false)])),
} satisfies Fields<UserBackups>);

const siteFields = {
  domain: z.optional(text),
  www: z.optional(z.boolean()),
  aliases: z.optional(z.array(text)),
  app: z.optional(app),
  limits: z.optional(limits),
  ...runtimeFields,
  database: z.optional(database),
  cache: z.optional(z.union([z.literal('valkey'), cache])),
  mail: z.optional(mail),
  https: z.optional(z.union([z.boolean(), z.enum(['auto', 'self-signed']), https])),
  web: z.optional(web),
  workers: z.optional(workers),
  cron: z.optional(cron),
} satisfies Fields<UserSite>;

const site = z.strictObject(siteFields);

const whole = z.strictObject({
  ...siteFields,
  name: z.optional(text.check(z.regex(/^[a-z0-9][a-z0-9.-]*$/, 'must consist of lower-case letters, digits, dots and dashes'))),
  server: z.optional(text),
  servers: z.optional(servers),
  sites: z.optional(z.array(site).check(z.minLength(1))),
  timezone: z.optional(text.check(z.refine(isTimezone, 'must be a time zone such as Europe/Berlin'))),
  locale: z.optional(text.check(z.regex(/^[A-Za-z0-9_.@-]+$/, 'must be a locale such as C.UTF-8'))),
  swap: z.optional(z.int().check(z.minimum(0))),
  sshKeys: z.optional(
    z.record(text.check(z.regex(/^[A-Za-z0-9][A-Za-z0-9 ._@-]*$/, 'must be a name of letters, digits, spaces, dots, dashes and @')), text),
  ),
  backups: z.optional(backups),
  host: z.optional(
    z.pipe(
      z.transform((value) => (value === false ? noHost : value)),
      host,
    ),
  ),
  adopt: z.optional(z.array(text.check(z.regex(/^[a-z-]+:\S+$/, 'must be the name of a resource, such as mysql-database:shop')))),
  packages: z.optional(z.array(text.check(z.regex(/^[a-z0-9][a-z0-9+.-]+$/, 'must be the name of a Debian package')))),
  playbooks: z.optional(
    z.array(
      z.custom<Playbook>(
        (value) => typeof value === 'object' && value !== null && 'resources' in value,
        'must be a playbook (definePlaybook)',
      ),
    ),
  ),
} satisfies Fields<UserConfig>);

/**
 * The whole file. With `sites`, keys of one site beside it would be ignored, and so would `server` beside `servers`, so both are refused.
 */
export const schema: z.ZodMiniType<UserConfig> = whole.check(
  z.refine(
    ({ server, servers }) => server === undefined || servers === undefined,
    'server is short for servers with one host: give one of the two',
  ),
  z.refine(
    (config) => config.sites === undefined || Object.keys(siteFields).every((key) => !(key in config)),
    `with sites, ${Object.keys(siteFields).join(', ')} belong in each of them`,
  ),
);
