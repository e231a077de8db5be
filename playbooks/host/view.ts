import type { Site } from '../../src/index.ts';
import { pathsOf } from './paths.ts';

/** Which release a unit of a site shows it: the one that a template's unit is named after, the live one when it starts, or a given one. */
export type Shown = { readonly kind: 'of-instance' } | { readonly kind: 'live' } | { readonly kind: 'given'; readonly release: string };

/**
 * Returns the systemd properties by which a site's process finds its release at the path of the link to the live one, before and after the
 * switch, so that what an application writes down of its own path is true in every release. `folders` are its runtime's, which it may
 * write.
 */
export function viewProperties(site: Site, folders: readonly string[], shown: Shown): readonly string[] {
  const { home, current, releases, shared, settings } = pathsOf(site);
  const release = releaseAt(current, releases, shown);
  const own = [shared, ...folders.filter((folder) => folder.startsWith(`${home}/`))];
  return [
    `TemporaryFileSystem=${home}:ro`,
    `BindReadOnlyPaths=${release}:${current}`,
    // An application may still name one of these, from a time when it saw itself there.
    `BindReadOnlyPaths=${releases}`,
    ...(site.mail ? [`BindReadOnlyPaths=${settings}`] : []),
    `BindPaths=${own.join(' ')}`,
    // In a release only these folders are not root's.
    ...site.app.writable.map((path) => `BindPaths=${quoted(`${release}/${path}`)}:${quoted(`${current}/${path}`)}`),
  ];
}

/** The same as lines of a unit's file. */
export function viewOf(site: Site, folders: readonly string[], shown: Shown): string {
  const name = shown.kind === 'of-instance' ? '%i' : '';
  const lines = viewProperties(site, folders, shown).map((line) => line.replaceAll('%', '%%').replaceAll(instance, name));
  return ['# The application finds its release at one path, whichever it is.', ...lines].join('\n');
}

/** Stands for the name of a template's unit until that is written. */
const instance = '\0';

function releaseAt(current: string, releases: string, shown: Shown): string {
  switch (shown.kind) {
    case 'of-instance':
      return `${releases}/${instance}`;
    case 'live':
      return current;
    case 'given':
      return `${releases}/${shown.release}`;
  }
}

/** A path as systemd.exec(5) reads it in a list of pairs. */
function quoted(path: string): string {
  return /^[\w@./%\0-]+$/.test(path) ? path : `"${path.replaceAll(/["\\]/g, '\\$&')}"`;
}
