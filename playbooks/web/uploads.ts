import { posix } from 'node:path';
import { Problem, type Site } from '../../src/index.ts';
import { runtimeOf } from '../runtimes/index.ts';

/** The folders that visitors or the application fill, as a pattern of paths below the docroot; the usual ones always count. */
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
  return [...new Set([...usualUploads(site), ...inside])].map((path) => path.replaceAll(/[^A-Za-z0-9/_-]/g, '.')).join('|');
}

/** The folders that most applications fill, unless a release brings scripts in one: these are root's and cannot be written. */
function usualUploads({ app: { source } }: Site): readonly string[] {
  const served = source.docroot === '.' ? '' : `${source.docroot}/`;
  return ['files', 'storage', 'uploads', 'wp-content/uploads'].filter(
    (folder) => !source.entries.some(({ path }) => path.startsWith(`${served}${folder}/`) && path.endsWith('.php')),
  );
}

/** These paths, and the application's own links by which they are reached: those that lead to one of them, into it, or above it. */
function addressesOf(paths: readonly string[], links: Site['app']['source']['links']): readonly string[] {
  const meets = (to: string) => paths.some((path) => to === '.' || `${path}/`.startsWith(`${to}/`) || `${to}/`.startsWith(`${path}/`));
  // Behind a link `..` leads elsewhere than its words say.
  const isUnclear = (target: string) => /(?:^|\/)(?!\.\.?\/)[^/]+\/(?:.*\/)?\.\.(?:\/|$)/.test(target);
  const more = Object.entries(links).flatMap(([path, target]) =>
    !paths.includes(path) && (isUnclear(target) || meets(posix.join(path, '..', target).replace(/\/$/, ''))) ? [path] : [],
  );
  return more.length === 0 ? paths : addressesOf([...paths, ...more], links);
}
