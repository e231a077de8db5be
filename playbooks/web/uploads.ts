import { posix } from 'node:path';
import { Problem, type Site } from '../../src/index.ts';
import { runtimeOf } from '../runtimes/index.ts';

/** Returns a pattern for the folders that visitors or the application fill, below the docroot, including the usual ones. */
export function uploads(site: Site): string {
  const {
    shared,
    writable,
    source: { docroot, links },
  } = site.app;
  const around = [...shared, ...writable].find((path) => path === '.' || `${docroot}/`.startsWith(`${path}/`));
  if (runtimeOf(site).runsWhatIsServed && around !== undefined)
    throw new Problem({
      message: `The application may write ${around}, which contains the served folder, so whoever can write a file there could run it.`,
      hint: 'Name only the folders that the application writes to, in app.shared or app.writable.',
    });
  const inside = addressesOf([...shared, ...writable], links).flatMap((path) =>
    docroot === '.' ? [path] : path.startsWith(`${docroot}/`) ? [path.slice(docroot.length + 1)] : [],
  );
  return patternOf([...usualUploads(site), ...inside]);
}

/** Returns a pattern for everything below the docroot that may be, or contain, a link: what `uploads` finds, and the release's own links. */
export function linked(site: Site): string {
  const { docroot, links } = site.app.source;
  const inside = Object.keys(links).flatMap((path) =>
    docroot === '.' ? [path] : path.startsWith(`${docroot}/`) ? [path.slice(docroot.length + 1)] : [],
  );
  return `${uploads(site)}${inside.length === 0 ? '' : `|${patternOf(inside)}`}`;
}

function patternOf(paths: readonly string[]): string {
  return [...new Set(paths)].map((path) => path.replaceAll(/[^A-Za-z0-9/_-]/g, '.')).join('|');
}

/**
 * Returns the folders that most applications fill, except those in which the release has scripts: these belong to root and are not
 * writable.
 */
function usualUploads({ app: { source } }: Site): readonly string[] {
  const served = source.docroot === '.' ? '' : `${source.docroot}/`;
  const known = usualUploadsOf.get(source) ?? usualFolders.filter((folder) => !hasScripts(source, `${served}${folder}/`));
  usualUploadsOf.set(source, known);
  return known;
}

const usualFolders = ['files', 'storage', 'uploads', 'wp-content/uploads'];
/** A plan asks several times, and an application may have many files. */
const usualUploadsOf = new WeakMap<Site['app']['source'], readonly string[]>();

function hasScripts({ entries }: Site['app']['source'], folder: string): boolean {
  return entries.some(({ path }) => path.startsWith(folder) && path.endsWith('.php'));
}

/** Returns these paths, and the application's links through which they are reached: links to one of them, into it, or above it. */
function addressesOf(paths: readonly string[], links: Site['app']['source']['links']): readonly string[] {
  const meets = (to: string) => paths.some((path) => to === '.' || `${path}/`.startsWith(`${to}/`) || `${to}/`.startsWith(`${path}/`));
  // After a link, `..` does not lead to where its text suggests.
  const isUnclear = (target: string) => /(?:^|\/)(?!\.\.?\/)[^/]+\/(?:.*\/)?\.\.(?:\/|$)/.test(target);
  const more = Object.entries(links).flatMap(([path, target]) =>
    !paths.includes(path) && (isUnclear(target) || meets(posix.join(path, '..', target).replace(/\/$/, ''))) ? [path] : [],
  );
  return more.length === 0 ? paths : addressesOf([...paths, ...more], links);
}
