import type { Routing } from '../application/routing/routing.ts';
import type { Source } from '../application/source.ts';
import type { Secret } from '../command/secret.ts';
import type { Problem } from '../error.ts';
import type { Limits } from '../limits.ts';
import type { InstallerFolder } from '../runtimes/detected.ts';
import type { SiteRuntime } from '../runtimes/index.ts';
import type { Backups } from './backups.ts';
import type { Host } from './host.ts';
import type { InventoryHost } from './inventory.ts';
import type { Mask } from './mask.ts';
import type { Person } from './ssh-key.ts';

export interface Site {
  /** Without `www.`: `foobar.com`. The site's files, user and database are named after it. */
  readonly domain: string;
  /** Every name that is served, the canonical one first. */
  readonly names: readonly string[];
  /** The kind of application, and the settings for that kind. */
  readonly runtime: SiteRuntime;
  readonly limits: Limits;
  readonly app: {
    readonly source: Source;
    /** Why the application of one of several sites could not be built or fetched. A run leaves the site out. */
    readonly failure?: Problem;
    /** Commands to run on the host before and after a switch to a new release, in the release, as the site's user with its environment. */
    readonly hooks: { readonly before: readonly string[]; readonly after: readonly string[] };
    /** Paths in the application that all releases share and that PHP may write. */
    readonly shared: readonly string[];
    /** Those of them that are missing until the application's installer writes them. */
    readonly written: readonly string[];
    readonly installerFolder?: InstallerFolder;
    /** Folders inside a release that PHP may write, and that are reset with each release. */
    readonly writable: readonly string[];
    /** Folders of the host besides `shared/` that the application may write. */
    readonly elsewhere: readonly string[];
    readonly env: Readonly<Record<string, string | Secret>>;
    /** Variables with a key that the host generates. */
    readonly keys: readonly string[];
    /** Variables that its settings are read from, with placeholders in their values. */
    readonly variables: Readonly<Record<string, string>>;
    /** How many releases are kept, including the live one. */
    readonly keep: number;
    /** The path that must answer 200 if the application is healthy, either itself or after redirects within the site. */
    readonly healthPath: string;
    /** The expected status of that answer, and whether it may be empty. */
    readonly health: { readonly status: number; readonly mayBeEmpty: boolean };
  };
  /** Long-running programs by name; `count` processes of each. */
  readonly workers: Readonly<Record<string, Worker>>;
  /** Scheduled commands, by name. */
  readonly cron: Readonly<Record<string, ScheduledCommand>>;
  readonly database: {
    readonly engine: 'mysql' | 'mariadb' | 'none';
    /** Whether the engine is chosen by the user or the application, and not the default. */
    readonly explicit: boolean;
    readonly name: string;
    readonly user: string;
    /** Whether a snapshot is kept before a release applies migrations. */
    readonly snapshots: boolean;
    /** What copies of it have in the place of personal values, by `table.column`. */
    readonly masks?: Readonly<Record<string, Mask>>;
  };
  /** The site's cache in memory, with its size in MiB. Missing without a configuration. */
  readonly cache?: {
    readonly memory: number;
    /** Whether PHP keeps its sessions there. */
    readonly sessions: boolean;
  };
  /** The relay for the site's mail. Missing without a configuration. */
  readonly mail?: Mail;
  readonly https: Https;
  readonly web: {
    /** The Content-Security-Policy for responses that have none; empty for no policy. */
    readonly policy: string;
    /** How addresses that are not files are answered, and which are never served. */
    readonly routing: Routing;
    /** Seconds; 0 for no cache. */
    readonly cache: number;
    /** Addresses that workers and other programs on the host answer, the longest first. */
    readonly proxy?: readonly ProxiedAddress[];
    readonly logins?: { readonly paths: readonly string[]; readonly perMinute: number };
    /**
     * Addresses and networks of proxies in front of the host. They are trusted to say who the visitor is, and whether the visitor came over
     * HTTPS.
     */
    readonly proxies: readonly string[];
  };
}

export interface Worker {
  readonly command: string;
  readonly count: number;
  /** Where it answers requests, if it does. */
  readonly listens?: { readonly kind: 'port'; readonly port: number } | { readonly kind: 'socket' };
}

/** An address, without a slash at its end, and what answers it and all below it. */
export interface ProxiedAddress {
  readonly path: string;
  readonly to: { readonly kind: 'worker'; readonly name: string } | { readonly kind: 'port'; readonly port: number };
}

/** A server that accepts a site's mail and delivers it. */
export interface Mail {
  readonly host: string;
  readonly port: number;
  readonly login?: { readonly user: string; readonly password: Secret };
  /** The address that mail is sent from. */
  readonly from: string;
  readonly encryption: 'starttls' | 'implicit' | 'none';
}

export interface ScheduledCommand {
  readonly command: string;
  /** Calendar events of systemd.time(7); the command runs at each of them. */
  readonly calendar: readonly string[];
}

/** How a site is served over HTTPS. */
export interface Https {
  readonly certificate: Certificate;
  readonly guideline: 'intermediate' | 'modern';
  /** Seconds for Strict-Transport-Security, which is sent once HTTPS is proven. */
  readonly hsts: number;
  /** Whether HTTPS was seen to work from outside; determined when the host is reached. */
  readonly proven: boolean;
  /**
   * Whether HTTP and the other names redirect to the canonical name over HTTPS. False if the application would redirect visitors back;
   * determined when the host is reached.
   */
  readonly redirects: boolean;
  /** PEM: CAs to trust besides the public ones. */
  readonly authorities?: string;
}

export type Certificate =
  | { readonly kind: 'none' }
  /** Becomes `acme` or `none` when the host is reached. */
  | { readonly kind: 'auto'; readonly acme: Acme }
  | { readonly kind: 'acme'; readonly acme: Acme }
  | { readonly kind: 'self-signed' }
  /** Both are PEM. The chain begins with the site's certificate. */
  | { readonly kind: 'own'; readonly chain: string; readonly key: Secret };

export interface Acme {
  readonly directory: string;
  /** The directory of a CA with generous rate limits, which is tried first. */
  readonly rehearsal?: string;
  readonly email?: string;
}

/** The whole configuration, with every default filled in. */
export interface Config {
  /** Identifies this configuration's part of a host. By default the first site's domain. */
  readonly name: string;
  /** All servers; empty if the user has named none. */
  readonly hosts: readonly InventoryHost[];
  readonly sites: readonly [Site, ...Site[]];
  /** Undefined if the user does not set it; see `aboutOf` for what the host gets. */
  readonly timezone?: string;
  readonly locale?: string;
  /** MiB of swap; undefined if it follows from the host's memory. */
  readonly swap?: number;
  /** Who may log in besides those who can already. */
  readonly people?: readonly Person[];
  /** Missing if nothing is backed up. */
  readonly backups?: Backups;
  /** What a restore on a new host needs of the user's configuration, as JSON. Missing if nothing is backed up. */
  readonly recoverable?: string;
  /** Which parts of the host itself are configured, besides the sites. */
  readonly host: Host;
  /** Names of pre-existing resources that may be taken over: `mysql-database:shop`. */
  readonly adopt: readonly string[];
  /** Additional packages to install. */
  readonly packages: readonly string[];
}
