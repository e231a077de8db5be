import { posix } from 'node:path';
import type { Site } from '../../src/index.ts';
import { isWithin } from './hardening.ts';

/** The folder in a release with what we add to it. */
export const ownFolder = '.foobar-provision';

/**
 * Returns the shared paths that an application sees as its own folders. A folder that only nginx serves needs no mount, and none is possible
 * in a folder that the site may change: it could put a link in its place, which systemd would follow.
 */
export function mountedPaths({ app, runtime }: Site): readonly string[] {
  if (runtime.kind === 'static') return [];
  return app.shared.filter(
    (path) => !app.written.includes(path) && !isWithin(app.source.docroot, path) && !app.writable.some((folder) => isWithin(path, folder)),
  );
}

/**
 * Returns the paths in a release at which nginx serves shared folders that it does not see there, each with the shared path: the folders
 * themselves, and the application's links to them.
 */
export function servedPaths(site: Site): Readonly<Record<string, string>> {
  const mounted = mountedPaths(site);
  const found = new Map(mounted.map((path) => [path, path]));
  const { links } = site.app.source;
  // A link may lead through other links. Only three are followed, because a link to a folder that contains it would never end.
  for (let round = 0; round < 3; round += 1)
    for (const [link, target] of Object.entries(links)) {
      const to = posix.join(link, '..', target).replace(/\/$/, '');
      for (const [path, shared] of [...found]) {
        const through = `${to}/`.startsWith(`${path}/`)
          ? [link, shared + to.slice(path.length)]
          : path.startsWith(`${to}/`)
            ? [link + path.slice(to.length), shared]
            : undefined;
        if (through?.[0] !== undefined && through[1] !== undefined && !found.has(through[0]) && !isBelow(through[0], found.keys()))
          found.set(through[0], through[1]);
      }
    }
  return Object.fromEntries([...found].filter(([path]) => !isBelow(path, found.keys())).toSorted());
}

function isBelow(path: string, others: Iterable<string>): boolean {
  return [...others].some((other) => path.startsWith(`${other}/`));
}

/** Returns the folder where nginx finds these paths, relative to the served folder. */
export function placeOfServed({ app: { source } }: Site): string {
  const { docroot } = source;
  const up = docroot === '.' ? '' : '../'.repeat(docroot.split('/').length);
  return posix.join(`${up}${ownFolder}/served`, docroot);
}

/** Returns the addresses of these paths as a pattern for nginx, or undefined if there are none. */
export function servedAddresses(site: Site): string | undefined {
  const { docroot } = site.app.source;
  const addresses = Object.keys(servedPaths(site)).flatMap((path) =>
    docroot === '.' ? [path] : path.startsWith(`${docroot}/`) ? [path.slice(docroot.length + 1)] : [],
  );
  // A character that nginx may interpret differently matches any one character, which has at most four bytes.
  const patterns = addresses.map((address) => address.replaceAll(/[^A-Za-z0-9/_-]/gu, (char) => (char === '.' ? '\\.' : '.{1,4}')));
  return patterns.length === 0 ? undefined : `^/(?:${patterns.join('|')})(?:/|$)`;
}
