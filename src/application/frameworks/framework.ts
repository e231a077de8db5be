import type { Files } from '../../runtimes/detected.ts';
import { addressPattern, escaped } from '../routing/pattern.ts';
import type { Denial, Header, Route, Routing } from '../routing/routing.ts';

/** An application that is known by its files, or what many are made with. */
export interface Framework {
  /** As people call it: `Laravel`. */
  readonly name: string;
  /** What it needs, where these are its files, as it lies in its own folder; undefined where they are another's. */
  readonly recognise: (files: Files) => Needs | undefined;
}

/** Paths are relative to the application's own folder; addresses begin with `/` and are relative to its docroot. */
export interface Needs {
  /** The folder that is served. By default all of it. */
  readonly docroot?: string;
  /** Where addresses lead that are no files; see `fronts`. By default to `/index.php`. */
  readonly fronts?: Readonly<Record<string, string>>;
  /** Further routes; they count before `fronts`. */
  readonly routes?: readonly Route[];
  /** Addresses that are never served: a folder (`/data/`), or one address with `*` for anything. */
  readonly denied?: readonly string[];
  readonly headers?: readonly Header[];
  readonly errorPages?: Routing['errorPages'];
  readonly index?: readonly string[];
  readonly cleanUrls?: boolean;
  /** What outlives a release and is the application's to write. */
  readonly shared?: readonly string[];
  /** What it may write and is reset on each release. */
  readonly writable?: readonly string[];
  readonly healthPath?: string;
  /** What development leaves behind, as `.gitignore` patterns. */
  readonly neverSent?: readonly string[];
  /** Links that a release has where none is sent, with what they say: `public/storage` to `../storage/app/public`. */
  readonly links?: Readonly<Record<string, string>>;
  /** Files that a release has where none is sent, by the name of our own that holds the text: `wp-config.php`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files that are sent although most applications keep them back. */
  readonly sent?: readonly string[];
  /** PHP extensions besides those in `composer.json`. */
  readonly extensions?: readonly string[];
}

/** Gives a framework its types; it changes nothing. */
export function defineFramework(framework: Framework): Framework {
  return framework;
}

/** What it says of addresses, as it lies at an address: `/` or `/blog/`. */
export function routingOf(needs: Needs, at: string): Partial<Routing> {
  const { routes = [], fronts = { '/': '/index.php' }, denied = [], headers = [], errorPages = {}, index = [], cleanUrls = false } = needs;
  return {
    routes: [...routes.map((route) => movedTo(route, at)), ...frontsOf(fronts, at)],
    denials: denied.flatMap((address) => denialOf(address, at)),
    headers,
    errorPages: Object.fromEntries(Object.entries(errorPages).map(([status, page]) => [status, below(at, page)])),
    index,
    cleanUrls,
  };
}

/** The front controllers as routes, the deepest folder first. */
export function frontsOf(fronts: Readonly<Record<string, string>>, at = '/'): readonly Route[] {
  return Object.entries(fronts)
    .sort(([one], [other]) => other.length - one.length)
    .map(([folder, to]) => ({ kind: 'rewrite', from: `^${escaped(below(at, folder))}`, to: below(at, to), for: 'no file' }));
}

function denialOf(address: string, at: string): readonly Denial[] {
  const pattern = addressPattern(below(at, address));
  // A folder's own address as well, without its slash.
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

/** The files of a folder as if they were all. */
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

/** Whether all of these are files. */
export function hasAll({ has }: Files, ...paths: readonly string[]): boolean {
  return paths.every(has);
}
