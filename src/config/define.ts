import type { GitSource } from '../application/git.ts';
import type { Secret } from '../command/secret.ts';
import type { Playbook } from '../engine/playbook.ts';

/** One site of a host. */
export interface UserSite {
  /** The site's domain, without `www.`: `foobar.com`. */
  readonly domain?: string | undefined;
  /** Whether `www.` of it is served too, as the first name. By default for a domain right below a public suffix. */
  readonly www?: boolean | undefined;
  /** More names that are served. */
  readonly aliases?: readonly string[] | undefined;
  readonly app?: UserApp | undefined;
  readonly php?: UserPhp | undefined;
  readonly database?: UserDatabase | undefined;
  readonly python?: UserPython | undefined;
  /** Workers of the site's queues, by name. */
  readonly workers?: Readonly<Record<string, UserWorker>> | undefined;
  /** The site's commands by the clock, by name. */
  readonly cron?: Readonly<Record<string, UserCron>> | undefined;
  /**
   * `'auto'` (where it is left out): as soon as the site's names lead to the host, and from then on. `true`: prepared at once, and finished by the
   * host itself when the names lead there. `'self-signed'` for a sandbox, `false` for HTTP alone, an object for more.
   */
  readonly https?: boolean | 'auto' | 'self-signed' | UserHttps | undefined;
  readonly web?: UserWeb | undefined;
}

export interface UserHttps {
  /** As `https` itself where that is no object. By default `'auto'`. */
  readonly mode?: 'auto' | 'on' | 'self-signed' | undefined;
  /** Where the CA writes to about the certificate; nothing where it is left out. */
  readonly email?: string | undefined;
  /** The ACME directory of the CA. By default Let's Encrypt's. */
  readonly directory?: string | undefined;
  /** Let's Encrypt's staging CA: for trying it out, since no browser trusts it. */
  readonly staging?: boolean | undefined;
  /** A PEM file of CAs that count besides the public ones: for the directory's own certificate, and for those that it gives out. */
  readonly caBundle?: string | undefined;
  /** A certificate of your own: a PEM file of it and of those between it and its CA. Then no CA is asked. */
  readonly certificate?: string | undefined;
  /** The PEM file of its private key, without a passphrase. */
  readonly key?: string | undefined;
  /** Which of Mozilla's guidelines: `modern` is TLS 1.3 alone. By default `intermediate`. */
  readonly tls?: 'intermediate' | 'modern' | undefined;
  /** Seconds for which browsers take the site by HTTPS alone, once that is proven; 0 for never. By default two years. */
  readonly hsts?: number | undefined;
}

export interface UserWeb {
  /** The Content-Security-Policy of answers that bring none of their own; `''` for none. */
  readonly policy?: string | undefined;
  /** Keeps what PHP answers to visitors without cookies for so many seconds (`true`: 1), as far as its `Cache-Control` allows. */
  readonly cache?: boolean | number | undefined;
  /** How often one address may send forms to these paths. */
  readonly logins?: { readonly paths: readonly string[]; readonly perMinute?: number | undefined } | undefined;
}

export interface UserApp {
  /** The folder of the application, relative to the configuration's own, or a git repository. The bundled site where it is left out. */
  readonly source?: string | GitSource | undefined;
  /** The folder in it that is served: `public`, `web`, `.`; found by looking where it is left out. */
  readonly docroot?: string | undefined;
  /** `.gitignore`-style patterns of what is not sent, besides those in a `.deployignore`. */
  readonly exclude?: readonly string[] | undefined;
  /** Read every file, here and on the host, to know what changed, where their times cannot be trusted. */
  readonly checksum?: boolean | undefined;
  /** Commands that build the application here, before it is sent. */
  readonly build?: readonly string[] | undefined;
  /** What kind of application it is; told from its files where it is left out. */
  readonly runtime?: 'php' | 'python' | 'static' | undefined;
  /** Commands around a switch to a new release, run on the host in it, as the site's user: `php artisan migrate --force`. */
  readonly hooks?: { readonly before?: readonly string[] | undefined; readonly after?: readonly string[] | undefined } | undefined;
  /** Paths in it that outlive a release and that PHP may write: uploads, caches. */
  readonly shared?: readonly string[] | undefined;
  /** Folders in it that PHP may write and that begin anew with each release, such as caches of compiled code. */
  readonly writable?: readonly string[] | undefined;
  /** Environment variables besides the database's; `new Secret(…)` for what nobody may see. */
  readonly env?: Readonly<Record<string, string | Secret>> | undefined;
  /** Releases that stay on the host, 2 to 100. By default 5. */
  readonly keep?: number | undefined;
  /** The path that answers 200 where the application is well. By default `/`. */
  readonly healthPath?: string | undefined;
}

export interface UserPhp {
  /** `8.4`; the distribution's where it is left out. */
  readonly version?: string | undefined;
  /** Names behind `php8.4-`: `gd`, `intl`. The usual ones where it is left out. */
  readonly extensions?: readonly string[] | undefined;
  /** The apt repository to take it from, with `version`. */
  readonly repository?: UserRepository | undefined;
  /** php.ini settings of this site's pool. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Folders of the host besides the site's `shared/` that PHP may write: `/mnt/media`. */
  readonly writable?: readonly string[] | undefined;
}

/** An apt repository that has a PHP which the distribution has not. */
export interface UserRepository {
  readonly uris: string;
  readonly suites: string;
  /** By default `main`. */
  readonly components?: string | undefined;
  /** The file of the key that its packages are signed by, armoured, relative to the configuration's folder. */
  readonly key: string;
}

export interface UserPython {
  /** What Gunicorn serves, `module:callable`. By default `app:app`. */
  readonly module?: string | undefined;
  /** Debian packages that the application imports: `python3-flask`. */
  readonly packages?: readonly string[] | undefined;
}

/** A program that runs beside the site, in the live release, as its user and with its environment. */
export interface UserWorker {
  readonly command: string;
  /** How many at once, 1 to 64. By default 1. */
  readonly count?: number | undefined;
}

/** A command by the clock. */
export interface UserCron {
  readonly command: string;
  /** As systemd.time(7) has calendar events: `*:0/5`, `daily`, `Mon 03:00`. */
  readonly schedule: string;
}

export interface UserDatabase {
  /** Where it is left out: MySQL where the distribution has it, MariaDB otherwise. */
  readonly engine?: 'mysql' | 'mariadb' | 'none' | undefined;
  readonly name?: string | undefined;
  readonly user?: string | undefined;
}

/** Each is true where it is left out. */
export interface UserHost {
  /** A firewall (nftables) that lets in SSH, HTTP and HTTPS. */
  readonly firewall?: boolean | undefined;
  /** sshd with current algorithms, and without passwords where keys let us in. */
  readonly ssh?: boolean | undefined;
  /** Security updates that install themselves. */
  readonly upgrades?: boolean | undefined;
  /** Bounds for logs and the kernel, and the time. */
  readonly limits?: boolean | undefined;
  /** Passwords that people choose are neither short nor in a dictionary. */
  readonly passwords?: boolean | undefined;
  /** What changes in the system's own files is told in its journal, once a day. */
  readonly integrity?: boolean | undefined;
  /** Nginx, PHP and the database see and may do no more of the system than they need. */
  readonly sandbox?: boolean | undefined;
}

/** What foobar.config.ts may say; all of it may be left out. */
export interface UserConfig extends UserSite {
  /** Names this configuration's part of the host; its first domain where it is left out. */
  readonly name?: string | undefined;
  /** `[user@]host[:port]`, or a `Host` of ssh_config. */
  readonly server?: string | undefined;
  /** Several sites on one host, in place of the single one's `domain`, `app`, `php` and `database`. */
  readonly sites?: readonly UserSite[] | undefined;
  /** The host's: `Europe/Berlin`. By default `Etc/UTC`. */
  readonly timezone?: string | undefined;
  /** The host's: `de_DE.UTF-8`. By default `C.UTF-8`. */
  readonly locale?: string | undefined;
  /** MiB; 0 for none. The host's memory decides where it is left out. */
  readonly swap?: number | undefined;
  /** What is done for the host itself; `false` for nothing, and each part may be left out. */
  readonly host?: false | UserHost | undefined;
  /**
   * What the host has already and this configuration may take over, by its name in the plan: `mysql-database:shop`, `user:shop_example`. It stays when the
   * configuration goes. Without this, such things are refused by name before anything is changed.
   */
  readonly adopt?: readonly string[] | undefined;
  /** Debian packages that the host should have besides ours. */
  readonly packages?: readonly string[] | undefined;
  /** Playbooks of your own, after ours. */
  readonly playbooks?: readonly Playbook[] | undefined;
}

/** Gives a configuration its types, so that an editor completes it; it changes nothing. */
export function defineConfig(config: UserConfig): UserConfig {
  return config;
}
