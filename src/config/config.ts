import type { Routing } from '../application/routing/routing.ts';
import type { Source } from '../application/source.ts';
import type { Secret } from '../command/secret.ts';
import type { Limits } from '../limits.ts';
import type { SiteRuntime } from '../runtimes/index.ts';
import type { Host } from './host.ts';
import type { InventoryHost } from './inventory.ts';

export interface Site {
  /** Without `www.`: `foobar.com`. The site's files, user and database are named after it. */
  readonly domain: string;
  /** Every name that is served, the canonical one first. */
  readonly names: readonly string[];
  /** What kind of application it is, and what that needs to know. */
  readonly runtime: SiteRuntime;
  readonly limits: Limits;
  readonly app: {
    readonly source: Source;
    /** Commands around a switch to a new release, run on the host in it, as the site's user with its environment. */
    readonly hooks: { readonly before: readonly string[]; readonly after: readonly string[] };
    /** Paths below the application that outlive a release and that PHP may write. */
    readonly shared: readonly string[];
    /** Folders inside a release that PHP may write, and that begin anew with each. */
    readonly writable: readonly string[];
    /** Folders of the host besides `shared/` that the application may write. */
    readonly elsewhere: readonly string[];
    readonly env: Readonly<Record<string, string | Secret>>;
    /** How many releases are kept, the live one included. */
    readonly keep: number;
    /** The path that must answer 200 where the application is well, itself or where it redirects to on the same site. */
    readonly healthPath: string;
    /** The status of that answer, and whether it may be empty. */
    readonly health: { readonly status: number; readonly mayBeEmpty: boolean };
  };
  /** Programs that run beside the site, by name; each `count` times at once. */
  readonly workers: Readonly<Record<string, Worker>>;
  /** Commands by the clock, by name; `schedule` is as systemd.time(7) has calendar events. */
  readonly cron: Readonly<Record<string, ScheduledCommand>>;
  readonly database: {
    readonly engine: 'mysql' | 'mariadb' | 'none' /** Asked for by the user, not by default. */;
    readonly explicit: boolean;
    readonly name: string;
    readonly user: string;
  };
  /** The site's cache in memory, of this many MiB; none where nothing is configured. */
  readonly cache?: { readonly memory: number /** PHP keeps its sessions there. */; readonly sessions: boolean };
  /** The relay by which the site's mail leaves the host; none where nothing is configured. */
  readonly mail?: Mail;
  readonly https: Https;
  readonly web: {
    /** The Content-Security-Policy of answers without one; empty for none. */
    readonly policy: string;
    /** How addresses are answered, as far as that is not simply by files. */
    readonly routing: Routing;
    /** Seconds; 0 for no cache. */
    readonly cache: number;
    /** Addresses that workers and other programs on the host answer, the longest first. */
    readonly proxy?: readonly ProxiedAddress[];
    readonly logins?: { readonly paths: readonly string[]; readonly perMinute: number };
    /**
     * Addresses and networks of proxies in front of the host. They are trusted to say who the visitor is, and whether he came over HTTPS.
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

/** A server that takes a site's mail and delivers it. */
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
  /** Calendar events of systemd.time(7); it runs at each of them. */
  readonly calendar: readonly string[];
}

/** How a site is served by HTTPS. */
export interface Https {
  readonly certificate: Certificate;
  readonly guideline: 'intermediate' | 'modern';
  /** Seconds of Strict-Transport-Security, once HTTPS is proven. */
  readonly hsts: number;
  /** Whether HTTPS was seen to work from outside; decided when the host is reached. */
  readonly proven: boolean;
  /**
   * Whether HTTP and the other names redirect to the canonical name over HTTPS. Not where visitors would come back from there: decided when
   * the host is reached.
   */
  readonly redirects: boolean;
  /** PEM: CAs that count besides the public ones. */
  readonly authorities?: string;
}

export type Certificate =
  | { readonly kind: 'none' }
  /** `acme` or `none`, which is decided when the host is reached. */
  | { readonly kind: 'auto'; readonly acme: Acme }
  | { readonly kind: 'acme'; readonly acme: Acme }
  | { readonly kind: 'self-signed' }
  | { readonly kind: 'own' /** PEM, the site's own first. */; readonly chain: string /** PEM. */; readonly key: Secret };

export interface Acme {
  readonly directory: string;
  /** The directory of a CA that is asked first, since its limits are wide. */
  readonly rehearsal?: string;
  readonly email?: string;
}

/** The whole configuration, complete: every default is filled in. */
export interface Config {
  /** Names this configuration's own part of a host; the first site's domain where the user gave none. */
  readonly name: string;
  /** All servers; none where the user has named none. */
  readonly hosts: readonly InventoryHost[];
  readonly sites: readonly [Site, ...Site[]];
  /** Undefined where the user says nothing; see `aboutOf` for what the host gets. */
  readonly timezone?: string;
  readonly locale?: string;
  /** MiB of swap to have; undefined where the host's memory decides. */
  readonly swap?: number;
  /** Which parts of the host itself are looked after, besides the sites. */
  readonly host: Host;
  /** Names of resources that are taken over where the host has them already: `mysql-database:shop`. */
  readonly adopt: readonly string[];
  /** Packages that the host should have besides ours. */
  readonly packages: readonly string[];
}
