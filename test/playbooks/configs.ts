import type { Config, Routing, RuntimeName, Site, SiteRuntime } from '../../src/index.ts';
import { plainPhp } from '../application/recognized.ts';

type Of<Kind extends RuntimeName> = Partial<Extract<SiteRuntime, { readonly kind: Kind }>>;

/** The settings of a site in a test; everything else has the values of a first run. */
export interface Given {
  readonly domain?: string;
  readonly names?: readonly string[];
  readonly app?: Partial<Site['app']>;
  readonly source?: Partial<Site['app']['source']>;
  /** By default PHP. */
  readonly runtime?: RuntimeName;
  readonly php?: Of<'php'>;
  readonly python?: Of<'python'>;
  readonly node?: Of<'node'>;
  readonly command?: Of<'command'>;
  readonly database?: Partial<Site['database']>;
  readonly more?: Partial<Pick<Site, 'workers' | 'cron' | 'mail' | 'cache'>>;
  readonly https?: Partial<Site['https']>;
  readonly web?: Partial<Site['web']>;
  readonly limits?: Partial<Site['limits']>;
}

/** The routing of a site with nothing but files. */
export const noRoutes: Routing = { routes: [], denials: [], headers: [], errorPages: {}, index: [], cleanUrls: false };

/** The routing of an application with an `index.php` in the served folder. */
const toIndex: Routing = { ...noRoutes, routes: [{ kind: 'rewrite', from: '^/', to: '/index.php', for: 'no file' }] };

function runtimeOf({ runtime = 'php', php, python, node, command }: Given): SiteRuntime {
  switch (runtime) {
    case 'php':
      return { kind: runtime, extensions: ['intl'], settings: {}, ...php };
    case 'python':
      return { kind: runtime, module: 'app:app', packages: [], ...python };
    case 'node':
      return { kind: runtime, start: 'node server.js', port: 3000, ...node };
    case 'command':
      return { kind: runtime, run: './server', activated: false, ...command };
    case 'static':
      return { kind: runtime };
  }
}

function site({ domain = 'foobar.com', names, app, source, database, https, web, more, limits, ...given }: Given): Site {
  const identifier = domain.replaceAll(/[^a-z0-9]/g, '_');
  return {
    domain,
    names: names ?? [`www.${domain}`, domain],
    runtime: runtimeOf(given),
    limits: { body: 34, seconds: 60, ...limits },
    app: {
      source: {
        folder: '/app',
        entries: [],
        links: {},
        texts: {},
        size: 1,
        sizes: new Map(),
        digest: '0123456789abcdef'.repeat(4),
        docroot: 'public',
        recognized: { ...plainPhp, docroot: 'public' },
        migrations: [],
        contractions: [],
        ...source,
      },
      hooks: { before: [], after: [] },
      shared: [],
      written: [],
      writable: [],
      elsewhere: [],
      keys: [],
      variables: {},
      env: {},
      keep: 5,
      healthPath: '/',
      health: { status: 200, mayBeEmpty: false },
      ...app,
    },
    workers: {},
    cron: {},
    ...more,
    database: { engine: 'mysql', explicit: false, name: identifier, user: identifier, snapshots: true, ...database },
    https: { certificate: { kind: 'none' }, guideline: 'intermediate', hsts: 63_072_000, proven: false, redirects: true, ...https },
    web: {
      policy: "frame-ancestors 'self'",
      routing: (given.runtime ?? 'php') === 'php' ? toIndex : noRoutes,
      cache: 0,
      proxies: [],
      ...web,
    },
  };
}

/** Returns a complete configuration of these sites, by default of one without settings. */
export function config(first: Given = {}, ...rest: readonly Given[]): Config {
  return {
    name: first.domain ?? 'foobar.com',
    hosts: [],
    sites: [site(first), ...rest.map(site)],
    adopt: [],
    host: { firewall: true, ssh: true, upgrades: true, limits: true, passwords: true, integrity: true, hardening: true },
    packages: [],
  };
}
