import type { Site } from '../../src/index.ts';
import { pathsOf } from './paths.ts';
import { mountedPaths, ownFolder } from './shared-paths.ts';

/**
 * Which release a unit of a site sees: the one that the instance of a template unit is named after, the live one when it starts, or a given
 * one.
 */
export type Shown = { readonly kind: 'of-instance' } | { readonly kind: 'live' } | { readonly kind: 'given'; readonly release: string };

/**
 * Returns the systemd properties that mount a process's release at the path of the link to the live one, before and after the switch. An
 * application may then store its own path, which is the same in every release. The process may write `folders`, which are its runtime's.
 */
export function viewProperties(site: Site, folders: readonly string[], shown: Shown): readonly string[] {
  const { home, current, releases, shared, settings } = pathsOf(site);
  const release = releaseAt(current, releases, shown);
  const writable = [shared, ...folders.filter((folder) => folder.startsWith(`${home}/`))];
  return [
    `TemporaryFileSystem=${home}:ro`,
    `BindReadOnlyPaths=${release}:${current}`,
    // An application may have stored one of these paths when it still saw itself there.
    `BindReadOnlyPaths=${releases}`,
    ...(site.mail ? [`BindReadOnlyPaths=${settings}`] : []),
    `BindPaths=${writable.join(' ')}`,
    // In a release, only these folders do not belong to root.
    ...site.app.writable.map((path) => `BindPaths=${quoted(`${release}/${path}`)}:${quoted(`${current}/${path}`)}`),
    // A release has a link to each shared folder that is mounted in it. In releases of earlier versions, the folders themselves are links.
    ...mountedPaths(site).map((path) => `BindPaths=${quoted(`-${release}/${ownFolder}/mounts/${path}`)}:${quoted(`${current}/${path}`)}`),
  ];
}

/** The program that starts another one in a release's view, after a check of what is mounted there. */
export const enter = '/usr/local/lib/foobar-provision/enter';

/** Returns the words that start a program of the site in such a view. */
export function entering(site: Site): string {
  return mountedPaths(site).length === 0 ? '' : `${enter} ${pathsOf(site).home} `;
}

/** Returns the same as lines of a unit file. */
export function viewOf(site: Site, folders: readonly string[], shown: Shown): string {
  const name = shown.kind === 'of-instance' ? '%i' : '';
  const lines = viewProperties(site, folders, shown).map((line) => line.replaceAll('%', '%%').replaceAll(instance, name));
  return ['# The application finds its release at one path, whichever it is.', ...lines].join('\n');
}

/** A placeholder for the instance name of a template unit. */
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

/** Returns a path in systemd.exec(5)'s notation for pairs of paths. */
function quoted(path: string): string {
  return /^[\w@./%\0-]+$/.test(path) ? path : `"${path.replaceAll(/["\\]/g, '\\$&')}"`;
}
