import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod/mini';
import { reveal, Secret } from '../../command/secret.ts';
import { Problem } from '../../error.ts';
import { defineRuntime, type Stated } from '../definition.ts';
import { type Fields, text } from '../rules.ts';
import { packagesOf } from './extensions.ts';
import { armored } from './key.ts';
import { limitSettings, limitsOfSettings } from './limits.ts';
import { requireSettings } from './settings.ts';
import { phpPattern } from './version.ts';

export interface UserPhp {
  /** For example `8.4`. By default the distribution's version. */
  readonly version?: string | undefined;
  /**
   * Extensions, as PHP names them or as they are named after `php8.4-` in Debian's packages. By default `curl`, `gd`, `intl`, `mbstring`,
   * `xml` and `zip`, and those that `composer.json` or the recognized application requires.
   */
  readonly extensions?: readonly string[] | undefined;
  /** The apt repository that has this `version`, if the distribution does not. */
  readonly repository?: UserRepository | undefined;
  /** php.ini settings for this site, `opcache.*` included. An application may change those that PHP lets it change. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether what PHP writes to `php://stderr` and `php://stdout` reaches the journal. It costs about a tenth of the requests per second of
   * a small page. By default only if the application is known to log there: Monolog in Symfony, and the channel `stderr` in Laravel.
   */
  readonly stderr?: boolean | undefined;
  /** Folders of the host that PHP may write besides the site's own: `/mnt/media`. */
  readonly writable?: readonly string[] | undefined;
}

/** An apt repository with a PHP version that the distribution does not have. */
export interface UserRepository {
  /** Its address, as `URIs` in a deb822 sources file. */
  readonly uris: string;
  /** For example `trixie`. */
  readonly suites: string;
  /** By default `main`. */
  readonly components?: string | undefined;
  /** File with the public key that signs its packages, ASCII-armored or binary, relative to the configuration file. */
  readonly key: string;
}

/** An apt repository, and the ASCII-armored key that signs its packages. */
export interface AptSource {
  readonly uris: string;
  readonly suites: string;
  readonly components: string;
  readonly key: string;
}

/** The PHP settings of a site. */
export interface Php {
  readonly kind: 'php';
  readonly version?: string;
  /** The versions that the application accepts, as composer.json says: `^8.2`. */
  readonly engine?: string;
  /** The repository of PHP's packages, if it is not the distribution's. */
  readonly repository?: AptSource;
  readonly extensions: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  /** What the workers write to their standard error stream reaches the journal. */
  readonly stderr?: true;
}

const repository = z.strictObject({
  uris: text.check(z.regex(/^\S+$/, 'must be an address')),
  suites: text.check(z.regex(/^[A-Za-z0-9./_-]+$/, 'must be a name such as trixie')),
  components: z.optional(text.check(z.regex(/^[a-z0-9 /_-]+$/, 'must be names such as main'))),
  key: text,
} satisfies Fields<UserRepository>);

const schema = z.strictObject({
  repository: z.optional(repository),
  version: z.optional(text.check(z.regex(phpPattern, 'must look like 8.4'))),
  extensions: z.optional(z.array(text.check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'must be a name such as gd')))),
  settings: z.optional(
    z.record(
      text.check(z.regex(/^[A-Za-z0-9_.-]+$/, 'must be the name of a php.ini setting')),
      z.string().check(z.regex(/^\P{Cc}*$/u, 'must be on one line')),
    ),
  ),
  stderr: z.optional(z.boolean()),
  writable: z.optional(
    z.array(text.check(z.regex(/^\/[A-Za-z0-9._/-]*$/, 'must be an absolute path of letters, digits, dots and dashes'))),
  ),
} satisfies Fields<UserPhp>);

/** The extensions that a typical PHP application needs, in addition to those that every PHP has. */
export const usualExtensions = ['curl', 'gd', 'intl', 'mbstring', 'xml', 'zip'];

export const php = defineRuntime<UserPhp, Php>({
  schema,
  processes: ({ share }) => share,
  elsewhere: ({ writable = [] }) => writable,
  limits: ({ settings }) => limitsOfSettings(settings),
  resolve: resolvePhp,
});

async function resolvePhp(user: UserPhp = {}, { detected, folder, version: named, env, limits }: Stated): Promise<Php> {
  const version = named ?? user.version;
  if (version && !/^\d\.\d$/.test(version)) throw new Problem({ message: `"${version}" is not a PHP version.`, hint: 'Write it as 8.4.' });
  requirePoolText(env);
  requireSettings(user.settings ?? {});
  return {
    kind: 'php',
    ...(version && { version }),
    ...(detected.engine && { engine: detected.engine }),
    ...(user.repository && { repository: await repositoryOf(user.repository, folder) }),
    extensions: packagesOf(user.extensions ?? [...usualExtensions, ...(detected.extensions ?? [])]),
    settings: { ...detected.settings, ...limitSettings(limits, user.settings ?? {}), ...user.settings },
    ...((user.stderr ?? (detected.logsToStderr || env.LOG_CHANNEL === 'stderr')) && { stderr: true }),
  };
}

/** What an FPM pool can hold between double quotes. Its parser has no escapes for the other characters that work in every version. */
const poolText = /^[^"$\\\p{Cc}]*$/u;

function requirePoolText(env: Stated['env']): void {
  const wrong = Object.keys(env).find((name) => {
    const value = env[name];
    return value !== undefined && !poolText.test(value instanceof Secret ? reveal(value) : value);
  });
  if (wrong !== undefined)
    throw new Problem({
      message: `app.env.${wrong} must be without " $ \\, which an FPM pool cannot contain.`,
      hint: 'Correct it and run again.',
    });
}

async function repositoryOf({ key, components, ...rest }: UserRepository, folder: string): Promise<AptSource> {
  const path = resolve(folder, key);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new Problem({
      message: `The key of the apt repository, ${path}, cannot be read.`,
      hint: 'Name the key file as php.repository.key, relative to the configuration.',
      cause,
    });
  });
  return { ...rest, components: components ?? 'main', key: armored(bytes, path) };
}
