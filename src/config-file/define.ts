import type { GitSource } from '../application/git.ts';
import type { Secret } from '../command/secret.ts';
import type { UserHost } from '../config/host.ts';
import type { Mask } from '../config/mask.ts';
import type { Playbook } from '../engine/playbook.ts';
import type { UserLimits } from '../limits.ts';
import type { RuntimeName, UserRuntimes } from '../runtimes/index.ts';

/** One site of a host. */
export interface UserSite extends UserRuntimes {
  /** The site's domain, and its canonical name: `foobar.com`, or `www.foobar.com`. By default `www.foobar.com`. */
  readonly domain?: string | undefined;
  /**
   * Whether `www.` plus the domain is served too: `true` makes it the canonical name. By default a registered domain (`foobar.com`) has its
   * `www.` name beside it, which redirects to it, and a subdomain has none.
   */
  readonly www?: boolean | undefined;
  /** Additional domain names of the site. */
  readonly aliases?: readonly string[] | undefined;
  /** The application: where its files are, and how they are built, sent and health-checked. */
  readonly app?: UserApp | undefined;
  /** What one request may use. */
  readonly limits?: UserLimits | undefined;
  /** The site's database. */
  readonly database?: UserDatabase | undefined;
  /** A cache in memory: a Valkey (or Redis) of the site's own. By default none. */
  readonly cache?: 'valkey' | UserCache | undefined;
  /** The relay by which the site's mail leaves the host, so that `mail()` and `sendmail` work. By default none. */
  readonly mail?: UserMail | undefined;
  /** Long-running programs, such as queue workers, by name. */
  readonly workers?: Readonly<Record<string, UserWorker>> | undefined;
  /** Scheduled commands, by name. */
  readonly cron?: Readonly<Record<string, UserCron>> | undefined;
  /**
   * `'auto'` (the default): on as soon as the site's names point to the host, and from then on. `true`: prepared at once; the host gets the
   * certificate by itself when the names point to it. `'self-signed'`: for a sandbox. `false`: HTTP only. An object: more settings.
   */
  readonly https?: boolean | 'auto' | 'self-signed' | UserHttps | undefined;
  /** What the web server adds: a security policy, a cache, a limit for login attempts. */
  readonly web?: UserWeb | undefined;
}

export interface UserHttps {
  /** The same values as `https` itself, with `'on'` for `true`. By default `'auto'`. */
  readonly mode?: 'auto' | 'on' | 'self-signed' | undefined;
  /** Contact address that is given to the CA. By default none. */
  readonly email?: string | undefined;
  /** URL of the CA's ACME directory. By default Let's Encrypt. */
  readonly directory?: string | undefined;
  /** Use Let's Encrypt's staging CA: for tests, since no browser trusts its certificates. */
  readonly staging?: boolean | undefined;
  /**
   * A PEM file of CAs to trust besides the public ones: for the ACME directory's own certificate, and for the certificates that it issues.
   */
  readonly caBundle?: string | undefined;
  /** Your own certificate: a PEM file with the certificate and its intermediate certificates. No CA is asked then. */
  readonly certificate?: string | undefined;
  /** The PEM file of its private key, without a passphrase; it is sent as a secret. */
  readonly key?: string | undefined;
  /** Which of Mozilla's TLS guidelines to follow: `modern` is TLS 1.3 only. By default `intermediate`. */
  readonly tls?: 'intermediate' | 'modern' | undefined;
  /**
   * Seconds for which browsers use only HTTPS for the site (HSTS), once HTTPS was seen to work; 0 for no HSTS. By default 63072000, two
   * years.
   */
  readonly hsts?: number | undefined;
}

/** What an address of the site maps to: another address, with `$1` for what a `*` matches, a status, or a redirect. */
export type UserRoute = string | 403 | 404 | 410 | { readonly redirect: string; readonly permanent?: boolean | undefined };

export interface UserWeb {
  /** The Content-Security-Policy for responses that have none; `''` for none. By default `frame-ancestors 'self'; base-uri 'self'`. */
  readonly policy?: string | undefined;
  /**
   * Seconds, 1 to 86400, for which PHP's responses to visitors without cookies are cached, as far as their `Cache-Control` allows. `true`
   * is 1. By default no cache.
   */
  readonly cache?: boolean | number | undefined;
  /**
   * Proxies in front of the host: `cloudflare`, IP addresses and networks such as `10.0.0.0/8`. They are trusted to say who the visitor is
   * (`X-Forwarded-For`), and whether the visitor came over HTTPS (`X-Forwarded-Proto`). By default none is trusted.
   */
  readonly proxies?: readonly string[] | undefined;
  /** Limits how often one IP address may send forms to these paths: `perMinute`, 1 to 600, by default 10. */
  readonly logins?: { readonly paths: readonly string[]; readonly perMinute?: number | undefined } | undefined;
  /**
   * What addresses that are not files map to; takes precedence over what is detected: `'/admin/': '/admin/index.php'` for everything below
   * a folder, `'/wiki/*': '/doku.php?id=$1'`, `404`, or `{ redirect: '/new' }`, which also applies to files.
   */
  readonly routes?: Readonly<Record<string, UserRoute>> | undefined;
  /**
   * Addresses that another program answers, WebSockets included, each with all below it: `'/ws': 'worker:chat'` for one of
   * `workers`, or the port of another program on the host, `'/tiles': 8080`. The program sees the address as the visitor asked for it.
   */
  readonly proxy?: Readonly<Record<string, string | number>> | undefined;
  /**
   * Addresses that are never served, in addition to those that are detected: `/private/` or `/*.xml`. `!/data/` serves what is detected as
   * private.
   */
  readonly deny?: readonly string[] | undefined;
  /**
   * Response headers by name, for responses that do not set them; `false` removes one. They replace the default and the detected headers of
   * the same name.
   */
  readonly headers?: Readonly<Record<string, string | false>> | undefined;
}

export interface UserApp {
  /** The application's folder, relative to the configuration file, or a git repository. By default the bundled demo site. */
  readonly source?: string | GitSource | undefined;
  /** The subfolder to serve: `public`, `web`, or `.` for the whole folder. By default it is detected. */
  readonly docroot?: string | undefined;
  /** Files not to send, as `.gitignore` patterns, in addition to those in a `.deployignore` file. */
  readonly exclude?: readonly string[] | undefined;
  /** Compare file contents instead of sizes and timestamps to find what changed, here and on the host. */
  readonly checksum?: boolean | undefined;
  /** Commands that build the application on this machine, in its folder, before it is sent. */
  readonly build?: readonly string[] | undefined;
  /** The kind of application. By default it is detected from the files. */
  readonly runtime?: RuntimeName | undefined;
  /**
   * Commands to run on the host before and after a new release goes live, in its folder, as the site's user: `php artisan migrate --force`.
   */
  readonly hooks?: { readonly before?: readonly string[] | undefined; readonly after?: readonly string[] | undefined } | undefined;
  /** Paths in the application that all releases share and that PHP may write, such as uploads. */
  readonly shared?: readonly string[] | undefined;
  /** Folders in the application that PHP may write and that are reset on each release, such as caches of compiled code. */
  readonly writable?: readonly string[] | undefined;
  /**
   * Environment variables besides the database's. Wrap secret values: `new Secret(…)`. A value is one line, for PHP without `"`, `$` and
   * `\`.
   */
  readonly env?: Readonly<Record<string, string | Secret>> | undefined;
  /** How many releases to keep on the host, 2 to 100. By default 5. */
  readonly keep?: number | undefined;
  /** A path that answers 200 when the application is healthy. By default it is detected, otherwise `/`. */
  readonly healthPath?: string | undefined;
  /** What a healthy answer is. */
  readonly health?: UserHealth | undefined;
}

export interface UserHealth {
  /** The path to request, instead of `app.healthPath`. */
  readonly path?: string | undefined;
  /** The status of a healthy answer. By default 200; 401 and a redirect to another site, such as a single sign-on, are healthy too. */
  readonly status?: number | undefined;
  /** Whether a healthy answer may be empty. By default only that of an application that is not recognized. */
  readonly empty?: boolean | undefined;
}

/** A program that runs all the time in the live release, as the site's user and with its environment; it is restarted with each release. */
export interface UserWorker {
  /** The command, one line. */
  readonly command: string;
  /** How many processes to run, 1 to 64. By default 1. */
  readonly count?: number | undefined;
  /**
   * The TCP port of 127.0.0.1 that it listens on, 1024 to 65535; the variable `PORT` tells it. Programs of other sites on the host can
   * connect to it. Without it, a worker that `web.proxy` leads to listens on the Unix socket that the variable `SOCKET` names, which no
   * other site reaches.
   */
  readonly port?: number | undefined;
}

/** A scheduled command: a systemd timer that runs it in the live release, as the site's user and with its environment. */
export interface UserCron {
  /** The command, one line. */
  readonly command: string;
  /**
   * A calendar event of systemd.time(7), such as `*:0/5` (every five minutes), `daily` or `Mon 03:00`, or a crontab schedule, such as `30 4
   * * * 1`.
   */
  readonly schedule: string;
}

export interface UserDatabase {
  /** By default MySQL where the distribution has it, otherwise MariaDB. */
  readonly engine?: 'mysql' | 'mariadb' | 'none' | undefined;
  /** Letters, digits and underscores, 32 at most. By default the domain: `foobar_com`. */
  readonly name?: string | undefined;
  /** The application's database user, with the same rule and default. */
  readonly user?: string | undefined;
  /**
   * What `db pull` and `db push` replace in copies of this database, by table and column: `{ 'users.email': 'email' }`. The kinds are
   * `email`, `name`, `phone`, `text` (letters become x), `hash`, `empty`, `null`, and `{ value: '…' }`. Equal values stay equal in a copy.
   */
  readonly mask?: Readonly<Record<string, Mask>> | undefined;
  /**
   * Whether a snapshot of the database is kept on the host before a release applies migrations, for `rollback --data`. By default true. The
   * last three are kept.
   */
  readonly snapshots?: boolean | undefined;
}

export interface UserCache {
  /** The only engine so far, and the default. Distributions without Valkey have Redis. */
  readonly engine?: 'valkey' | undefined;
  /** MiB that it may fill, 1 to 65536; then the least recently used entries are removed. By default 64. */
  readonly memory?: number | undefined;
  /** Whether PHP keeps its sessions there; they end when the cache restarts. By default `false`. */
  readonly sessions?: boolean | undefined;
}

export interface UserMail {
  /** The relay: a mail server that accepts the site's mail. */
  readonly host: string;
  /** By default 587. */
  readonly port?: number | undefined;
  /** The user to log in as, if the relay wants a login. */
  readonly user?: string | undefined;
  /** The password of `user`: `new Secret(…)`. Only this site can read it on the host. */
  readonly password?: string | Secret | undefined;
  /** The address that mail is sent from: `shop@example.com`. A `From` header of the application's own stays as it is. */
  readonly from: string;
  /**
   * By default `implicit` for port 465, `none` for a relay on the host itself, and otherwise `starttls`. Without encryption, the
   * password can be read on the way.
   */
  readonly tls?: 'starttls' | 'implicit' | 'none' | undefined;
}

export interface UserBackups {
  /**
   * Where they are stored: a folder such as `/mnt/backups`, `sftp:user@host:/path`, or `s3:https://host/bucket`. They are encrypted there,
   * with a passphrase that the host generates.
   */
  readonly to: string;
  /** How many backups are kept, each the last one of a day, a week or a month. By default 7, 4 and 6. */
  readonly keep?:
    | { readonly daily?: number | undefined; readonly weekly?: number | undefined; readonly monthly?: number | undefined }
    | undefined;
  /** The time of the nightly backup, in the host's time zone. By default `03:30`. */
  readonly at?: string | undefined;
  /** How often the last backup is restored beside the site, to prove that it works. By default `weekly`; `false` for never. */
  readonly drill?: 'nightly' | 'weekly' | false | undefined;
}

export interface UserServers {
  /** What visitors connect to. */
  readonly balancer?: readonly (string | UserServer)[] | undefined;
  /** Nginx, the application, its workers and scheduled commands. */
  readonly web?: readonly (string | UserServer)[] | undefined;
  /** The sites' databases. */
  readonly database?: readonly (string | UserServer)[] | undefined;
  /** The sites' caches. */
  readonly cache?: readonly (string | UserServer)[] | undefined;
}

export interface UserServer {
  /** `[user@]host[:port]`, or a `Host` of your ssh_config: the same text in each role of the host. */
  readonly ssh: string;
  /** The IP address at which the other servers reach it. By default the address from which it connects to them. */
  readonly address?: string | undefined;
}

/** What foobar.config.ts exports. Every key is optional. */
export interface UserConfig extends UserSite {
  /** The name under which this configuration is known on the host. By default the first site's domain. */
  readonly name?: string | undefined;
  /** The host to provision: `[user@]host[:port]`, or a `Host` of your ssh_config. Short for `servers` with this one in every role. */
  readonly server?: string | undefined;
  /**
   * The hosts to provision, by role, instead of `server`. A host may have several roles. So far one host, or one for the web and one
   * for the database.
   */
  readonly servers?: UserServers | undefined;
  /**
   * Several sites on one host: a list in which each has its own `domain`, `app`, `php`, `database` and so on, instead of those keys here.
   */
  readonly sites?: readonly UserSite[] | undefined;
  /** The host's time zone: `Europe/Berlin`. By default the host's own stays, and PHP has UTC. */
  readonly timezone?: string | undefined;
  /** The host's locale: `de_DE.UTF-8`. By default the host's own stays. */
  readonly locale?: string | undefined;
  /** Swap in MiB; 0 for none. By default it follows from the host's memory. */
  readonly swap?: number | undefined;
  /**
   * Who may log in over SSH besides those who can already, as the user of `server`, so with all its rights: public keys by the person's name,
   * each as its text (`ssh-ed25519 AAAA…`) or as a file (`keys/anna.pub`). A key that is removed here is removed on the host.
   */
  readonly sshKeys?: Readonly<Record<string, string>> | undefined;
  /** Nightly backups of all sites: databases, shared files, and what a restore on another host needs. By default none. */
  readonly backups?: UserBackups | undefined;
  /** Settings for the host itself. `false` switches all of them off. */
  readonly host?: false | UserHost | undefined;
  /**
   * Pre-existing resources on the host that this configuration may take over, by their names in the plan: `mysql-database:shop`,
   * `user:shop_example`. They stay when the configuration is removed. Without this, a run refuses them before it changes anything.
   */
  readonly adopt?: readonly string[] | undefined;
  /** Additional Debian packages to install. */
  readonly packages?: readonly string[] | undefined;
  /** Your own playbooks; they come after the built-in ones. */
  readonly playbooks?: readonly Playbook[] | undefined;
}

/** The values of a configuration that differ in an environment. A list replaces the whole list. */
export type UserOverlay = PartOf<UserConfig>;

type PartOf<T> = T extends Secret | Playbook | readonly unknown[]
  ? T
  : T extends object
    ? { readonly [Key in keyof T]?: PartOf<T[Key]> | undefined }
    : T;

/** Returns an overlay unchanged, with its type: `foobar.config.staging.ts` exports it, for `--env staging`. */
export function defineOverlay(overlay: UserOverlay): UserOverlay {
  return overlay;
}

/** Returns the configuration unchanged, with its type, so that an editor can complete it. */
export function defineConfig(config: UserConfig): UserConfig {
  return config;
}
