import { normalize } from 'node:path/posix';
import { z } from 'zod/mini';
import { reveal, Secret } from '../command/secret.ts';
import type { Playbook } from '../engine/playbook.ts';
import { phpPattern } from './php-version.ts';

const text = z.string().check(z.minLength(1));
const relative = text.check(
  z.refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'must be a path inside the application'),
);

/** What an FPM pool can hold between double quotes: its parser has no escape for these that every version knows. */
const poolText = /^[^"$\\\p{Cc}]*$/u;

const app = z.strictObject({
  /** The folder of the application, relative to the configuration's own. The bundled site where it is left out. */
  source: z.optional(text),
  /** The folder in it that is served: `public`, `web`, `.`; found by looking where it is left out. */
  docroot: z.optional(relative.check(z.regex(/^[A-Za-z0-9._/-]+$/, 'must be of letters, digits, dots, dashes and underscores'))),
  /** `.gitignore`-style patterns of what is not sent, besides those in a `.deployignore`. */
  exclude: z.optional(z.array(text)),
  /** Commands that build the application here, before it is sent. */
  build: z.optional(z.array(text)),
  /** Paths in it that outlive a release and that PHP may write: uploads, caches. */
  shared: z.optional(
    z.array(relative.check(z.refine((path) => !/^\.?\/?$/.test(normalize(path)), 'must be a path below the application'))),
  ),
  /** Environment variables besides the database's; `new Secret(…)` for what nobody may see. */
  env: z.optional(
    z.record(
      text.check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name of an environment variable')),
      z.custom<string | Secret>(
        (value) =>
          value instanceof Secret
            ? reveal(value) !== '' && poolText.test(reveal(value))
            : poolText.test(String(value)) && typeof value === 'string',
        'must be text, or a Secret, on one line and without " $ \\, which an FPM pool cannot hold',
      ),
    ),
  ),
  /** Releases that stay on the host. */
  keep: z.optional(z.int().check(z.minimum(2), z.maximum(100))),
  /** The path that answers 200 where the application is well. */
  healthPath: z.optional(text.check(z.regex(/^\//, 'must begin with /'))),
});

const php = z.strictObject({
  /** `8.4`; the distribution's where it is left out. */
  version: z.optional(text.check(z.regex(phpPattern, 'must look like 8.4'))),
  /** Names behind `php8.4-`: `gd`, `intl`. The usual ones where it is left out. */
  extensions: z.optional(z.array(text.check(z.regex(/^[a-z0-9-]+$/, 'must be a name such as gd')))),
  /** php.ini settings of this site's pool. */
  settings: z.optional(
    z.record(
      text.check(z.regex(/^[A-Za-z0-9_.-]+$/, 'must be the name of a php.ini setting')),
      z.string().check(z.regex(/^\P{Cc}*$/u, 'must be on one line')),
    ),
  ),
});

const database = z.strictObject({
  engine: z.optional(z.enum(['mysql', 'mariadb', 'none'])),
  name: z.optional(text.check(z.regex(/^[A-Za-z0-9_]{1,32}$/, 'must be letters, digits and underscores, 32 at most'))),
  user: z.optional(text.check(z.regex(/^[A-Za-z0-9_]{1,32}$/, 'must be letters, digits and underscores, 32 at most'))),
});

const siteFields = {
  /** The site's domain, without `www.`. */
  domain: z.optional(text),
  /** Whether `www.` of it is served too, as the first name. By default for a domain right below a public suffix. */
  www: z.optional(z.boolean()),
  /** More names that are served. */
  aliases: z.optional(z.array(text)),
  app: z.optional(app),
  php: z.optional(php),
  database: z.optional(database),
};

const site = z.strictObject(siteFields);
export type UserSite = z.infer<typeof site>;

const whole = z.strictObject({
  ...siteFields,
  /** Names this configuration's part of the host; its first domain where it is left out. */
  name: z.optional(text.check(z.regex(/^[a-z0-9][a-z0-9.-]*$/, 'must be lower-case letters, digits, dots and dashes'))),
  /** `[user@]host[:port]`, or a `Host` of ssh_config. */
  server: z.optional(text),
  /** Several sites on one host, in place of the single one's `domain`, `app`, `php` and `database`. */
  sites: z.optional(z.array(site).check(z.minLength(1))),
  timezone: z.optional(text.check(z.refine(isTimezone, 'must be a time zone such as Europe/Berlin'))),
  locale: z.optional(text.check(z.regex(/^[A-Za-z0-9_.@-]+$/, 'must be a locale such as C.UTF-8'))),
  /** MiB; 0 for none. The host's memory decides where it is left out. */
  swap: z.optional(z.int().check(z.minimum(0))),
  /** Debian packages that the host should have besides ours. */
  packages: z.optional(z.array(text.check(z.regex(/^[a-z0-9][a-z0-9+.-]+$/, 'must be the name of a Debian package')))),
  /** Playbooks of your own, after ours. */
  playbooks: z.optional(
    z.array(
      z.custom<Playbook>(
        (value) => typeof value === 'object' && value !== null && 'resources' in value,
        'must be a playbook (definePlaybook)',
      ),
    ),
  ),
});

/** The whole file. With `sites`, what belongs to one of them would be lost beside them. */
export const schema = whole.check(
  z.refine(
    (config) => config.sites === undefined || Object.keys(siteFields).every((key) => !(key in config)),
    `with sites, ${Object.keys(siteFields).join(', ')} go into each of them`,
  ),
);

export type UserConfig = z.infer<typeof schema>;

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
