import { below, type Files } from '../runtimes/detected.ts';
import type { RuntimeName } from '../runtimes/index.ts';
import { exportRouting } from './frameworks/export.ts';
import { frontsOf, routingOf } from './frameworks/framework.ts';
import { frontsBelow } from './frameworks/fronts.ts';
import { addressOf, type Known } from './frameworks/known.ts';
import type { Htaccess } from './htaccess/read.ts';
import { combined, type Route, type Routing } from './routing/routing.ts';

/** The parts of an application that affect how its addresses are answered. */
export interface Parts {
  readonly docroot: string;
  readonly runtime: RuntimeName;
  /** The application itself, if a framework recognizes it. */
  readonly main: Known | undefined;
  /** Other applications in its folders. */
  readonly nested: readonly Known[];
  readonly htaccess: Htaccess;
}

/** Returns how an application's addresses are answered, according to its framework and its `.htaccess` files. */
export function applicationRouting(files: Files, parts: Parts): Routing {
  const { docroot, nested, htaccess } = parts;
  const main = mainRouting(files, parts);
  const inside = nested.map((known) => routingOf(known.needs, addressOf(known, docroot)));
  const all = [...inside, main, htaccess];
  // Routes of single addresses precede the front controllers of folders, and deeper folders precede those above them.
  const single = all.map((part) => ({ ...part, routes: part.routes?.filter((route) => !isFront(route)) ?? [] }));
  const fronts = all.flatMap(({ routes = [] }) => routes.filter(isFront)).sort((one, other) => other.from.length - one.from.length);
  const routing = combined([...single, { routes: fronts }]);
  return { ...routing, routes: unique(routing.routes.filter((route) => hasTarget(route, files, docroot))) };
}

function mainRouting(files: Files, { docroot, runtime, main, nested, htaccess }: Parts): Partial<Routing> {
  if (main) return routingOf(main.needs, '/');
  if (runtime === 'static') return exportRouting(files, docroot);
  const fronts = frontsBelow(files, docroot, (address) => nested.some((known) => address.startsWith(addressOf(known, docroot))));
  // If its `.htaccess` files route addresses without a file, they do so for its subfolders too.
  const isRoutedByHtaccess = htaccess.routes.some(
    ({ for: which, from }) => which === 'no file' && /^(?:\(\?i\))?\^(?:\(\?[=!][^)]*\))*\/(?:$|\()/.test(from),
  );
  return {
    routes: frontsOf(isRoutedByHtaccess ? Object.fromEntries(Object.entries(fronts).filter(([folder]) => folder === '/')) : fronts),
  };
}

/** Returns whether a route sends all addresses of a folder to one script. */
function isFront(route: Route): boolean {
  return route.kind === 'rewrite' && route.for === 'no file' && /^\^\/(?:[\w-]|\\\.|\/)*$/.test(route.from) && !/[$?]/.test(route.to);
}

/** Returns whether the target of a route exists. Nginx would look for a missing script again and again. */
function hasTarget(route: Route, { has }: Files, docroot: string): boolean {
  if (route.kind !== 'rewrite') return true;
  const [path = ''] = route.to.split('?');
  const script = /^(.*?\.php)\//.exec(path)?.[1] ?? path;
  return script.includes('$') || has(below(docroot, script.slice(1)));
}

function unique(routes: readonly Route[]): readonly Route[] {
  const texts = routes.map((route) => JSON.stringify(route));
  return routes.filter((_, index) => texts.indexOf(texts[index] ?? '') === index);
}
