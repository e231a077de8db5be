import type { Files, InstallerFolder, Migrate, Variables } from '../../runtimes/detected.ts';
import { addressPattern, escaped } from '../routing/pattern.ts';
import type { Denial, Header, Route, Routing } from '../routing/routing.ts';

/** A known application, or a framework that applications are made with. */
export interface Framework {
  /** The common name: `Laravel`. */
  readonly name: string;
  /** Returns what the application in these files needs, or undefined if it is another one. Paths are relative to its own folder. */
  readonly recognize: (files: Files) => Needs | undefined;
}

/** Paths are relative to the application's own folder; addresses begin with `/` and are relative to its docroot. */
export interface Needs {
  /** The folder to serve. By default the whole application. */
  readonly docroot?: string;
  /** The scripts that answer addresses without a file, by folder. By default `/index.php`. */
  readonly fronts?: Readonly<Record<string, string>>;
  /** Additional routes, which precede `fronts`. */
  readonly routes?: readonly Route[];
  /** Addresses that are never served: a folder (`/data/`), or an address in which `*` matches anything. */
  readonly denied?: readonly string[];
  readonly headers?: readonly Header[];
  readonly errorPages?: Routing['errorPages'];
  readonly index?: readonly string[];
  readonly cleanUrls?: boolean;
  /** Paths that all releases share and that the application may write. */
  readonly shared?: readonly string[];
  /** The folder of its installer, which it does not tolerate once the installer has written the shared file `once` and removed its `lock`. */
  readonly installerFolder?: InstallerFolder;
  /** Paths that it may write and that are reset with each release. */
  readonly writable?: readonly string[];
  readonly healthPath?: string;
  /** Where it is set up, if its front page does not lead there. */
  readonly installer?: string;
  /** Files that development leaves behind, as `.gitignore` patterns. */
  readonly neverSent?: readonly string[];
  /** Links that a release has even if they are not sent, each with its target: `public/storage` to `../storage/app/public`. */
  readonly links?: Readonly<Record<string, string>>;
  /** Files that a release has even if they are not sent, each with the name of the bundled file with its text: `wp-config.php`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files that are sent although other applications exclude them. */
  readonly sent?: readonly string[];
  /** Variables for secret keys that the host generates, each with the files that may define it instead. The configuration takes precedence. */
  readonly keys?: Readonly<Record<string, readonly string[]>>;
  readonly variables?: Variables;
  /** The SQLite file that it contains and that its settings name, so it needs no database server. */
  readonly databaseFile?: string;
  /** The command that applies its migrations to the database, and where these are. */
  readonly migrate?: Migrate;
  /** PHP extensions besides those in `composer.json`. */
  readonly extensions?: readonly string[];
  /** PHP settings. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The files where it logs its errors, in shared or writable folders. In a name, `*` matches anything. */
  readonly logs?: readonly string[];
}

/** Returns the framework unchanged, with its types. */
export function defineFramework(framework: Framework): Framework {
  return framework;
}

/** Returns the routing of an application at an address: `/` or `/blog/`. */
export function routingOf(needs: Needs, at: string): Partial<Routing> {
  const { installerFolder } = needs;
  const { routes = [], fronts = { '/': '/index.php' }, denied = [], headers = [], errorPages = {}, index = [], cleanUrls = false } = needs;
  return {
    routes: [...routes.map((route) => movedTo(route, at)), ...frontsOf(fronts, at)],
    denials: denied.flatMap((address) => denialOf(address, at)),
    headers,
    errorPages: Object.fromEntries(Object.entries(errorPages).map(([status, page]) => [status, below(at, page)])),
    index,
    cleanUrls,
    ...(installerFolder?.page !== undefined && at === '/' && { installer: { folder: installerFolder.folder, page: installerFolder.page } }),
  };
}

/** Returns the front controllers as routes, the deepest folder first. */
export function frontsOf(fronts: Readonly<Record<string, string>>, at = '/'): readonly Route[] {
  return Object.entries(fronts)
    .sort(([one], [other]) => other.length - one.length)
    .map(([folder, to]) => ({ kind: 'rewrite', from: `^${escaped(below(at, folder))}`, to: below(at, to), for: 'no file' }));
}

function denialOf(address: string, at: string): readonly Denial[] {
  const pattern = addressPattern(below(at, address));
  // This includes the folder's own address without its slash.
  return pattern === undefined ? [] : [{ pattern: address.endsWith('/') ? pattern.replace(/\/$/, '(?:/|$)') : pattern, of: 'all' }];
}

function movedTo(route: Route, at: string): Route {
  if (at === '/') return route;
  const from = route.from.replace(/^\^\//, `^${escaped(at)}`);
  return route.kind === 'answer' ? { ...route, from } : { ...route, from, to: below(at, route.to) };
}

function below(at: string, address: string): string {
  return `${at}${address.replace(/^\//, '')}`;
}

/** Returns a view of the files in a folder, with paths relative to it. */
export function filesIn({ has, text, paths }: Files, folder: string): Files {
  if (folder === '.') return { has, text, paths };
  const prefix = `${folder}/`;
  let inside: readonly string[] | undefined;
  return {
    has: (path) => has(prefix + path),
    text: (path) => text(prefix + path),
    get paths() {
      inside ??= paths.flatMap((path) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
      return inside;
    },
  };
}

/** Returns whether all of these files exist. */
export function hasAll({ has }: Files, ...paths: readonly string[]): boolean {
  return paths.every(has);
}
