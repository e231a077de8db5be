import { dirname } from 'node:path/posix';
import { unescaped } from '../application/file-list.ts';
import { type Command, lines, sh } from '../command/command.ts';
import type { Difference } from '../engine/difference.ts';
import type { Base } from '../engine/effect.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { releases } from '../engine/run-libraries.ts';
import { bundledLibrary } from '../engine/shell-library.ts';
import { stateFolder } from '../host-paths.ts';
import { checkPath } from './path.ts';
import { asUser, folders, installed } from './shell.ts';

interface ReleaseAttributes {
  readonly state: 'present' | 'absent';
  /** The digest of the uploaded files, which names their folder on the host until the run moves them. */
  readonly digest: string;
  /** The name of the site in the host's records of releases. */
  readonly site: string;
  /** The link to the site's live release, from which unchanged files are copied. */
  readonly live: string;
  /** The folder of what is kept across releases, and the paths that are kept there. */
  readonly shared: string;
  readonly links: readonly string[];
  /** The paths among `links` that the application sees as its own folders: they are mounted where it runs. */
  readonly mounts?: readonly string[];
  /** The paths among `links` that the release does not have until the application writes them: an installer may check whether they exist. */
  readonly written?: readonly string[];
  /** The paths in the release at which nginx serves shared paths, with those paths. */
  readonly served?: Readonly<Record<string, string>>;
  /** The folders inside the release that the application may write. In each release, they start with the uploaded content. */
  readonly writable: readonly string[];
  /** The owner of the shared and the writable folders. */
  readonly user: string;
  /**
   * The folder of the application's installer, left out once the installer has written the shared file `once` and the live release has no
   * `lock`.
   */
  readonly installer?: { readonly folder: string; readonly once: string; readonly lock?: string };
}

interface ReleaseState {
  readonly exists: boolean;
  /** This release, or the live one if this one does not exist yet. */
  readonly base?: Base;
  /** The paths of the release that somebody has changed. */
  readonly touched: readonly string[];
  /** A release has an installer although the application is set up. */
  readonly hasInstaller?: true;
}

/**
 * Describes one release of the application at this path: the uploaded files, owned by root, with the shared paths. It is filled
 * next to its path and then renamed, so a folder of this name is always complete.
 */
export function release(path: string, options: Omit<ReleaseAttributes, 'state'>): Resource {
  const apart = [...options.links, ...options.writable];
  const { installer } = options;
  for (const path of [...apart, ...(installer ? [installer.folder, installer.once, installer.lock ?? installer.once] : [])])
    checkPath(`/${path}`);
  const nested = apart.find(
    (link) => options.links.some((other) => link.startsWith(`${other}/`)) || apart.filter((other) => other === link).length > 1,
  );
  if (nested) throw new TypeError(`${nested} is listed twice as shared or writable, or is inside a shared folder`);
  return releaseKind.resource(path, { state: 'present', ...options });
}

/** The functions that fill a release, and its shared paths. */
export const fillRelease = bundledLibrary('run/release.sh', folders, asUser, releases, installed);

export const releaseKind = defineKind<ReleaseAttributes, ReleaseState>({
  name: 'release',
  phase: 'state',
  check: checkPath,
  shell: {
    run: [fillRelease],
    read: [bundledLibrary('read/release.sh', releases, installed)],
  },
  // There is no `absent`, because older releases are kept for rollbacks and pruned by their number.
  read: (resources) =>
    lines(
      ...resources.flatMap(({ id, attributes }) => [
        sh`read_release ${id} ${recordsOf(attributes.site)} ${attributes.live}`,
        ...installersOf(id, attributes),
      ]),
    ),
  parse: parseReleases,
  diff: (path, desired, current) => {
    const { digest, site, live, shared, user, writable, links, mounts = [], written = [], served = {}, installer } = desired;
    const effects = [{ kind: 'sends', digest, ...(current?.base && { base: current.base }) }] as const;
    const without: readonly Difference[] =
      installer && current?.hasInstaller
        ? [
            {
              action: 'update',
              summary: `leave out ${installer.folder}, since the application is set up`,
              step: { kind: 'plain', apply: sh`leave_out_installers ${site} ${dirname(path)} ${installer.folder}` },
              undo: sh`restore_installers ${site} ${installer.folder}`,
            },
          ]
        : [];
    const [first, ...more] = current?.touched ?? [];
    if (current?.exists && first === undefined) return without;
    if (current?.exists && first !== undefined)
      return [
        ...without,
        {
          action: 'update',
          summary: `${more.length + 1} ${more.length === 0 ? 'file' : 'files'} edited: ${[first, ...more.slice(0, 4)].join(', ')}${more.length > 4 ? ` and ${more.length - 4} more` : ''}`,
          step: { kind: 'plain', apply: sh`repair_release ${path} ${digest} ${site}` },
          undo: sh`undo_repair ${path}`,
          effects,
        },
      ];
    return [
      ...without,
      {
        action: 'create',
        summary:
          current?.base?.digest === digest
            ? 'copy the same files, with other shared or writable paths or hooks'
            : 'copy the uploaded files',
        step: {
          kind: 'plain',
          apply: sh`fill_release ${path} ${digest} ${site} ${shared} ${user} ${installer?.folder ?? ''} ${installer?.once ?? ''} ${lockOf(installer, live)} ${[...writable, '--', ...mounts, '--', ...links.filter((link) => !mounts.includes(link) && !written.includes(link)), '--', ...written, '--', ...Object.entries(served).flat()]}`,
        },
        undo: sh`keep_failed_release ${path}`,
        effects,
      },
    ];
  },
});

/** Returns the folder of the host's records of a site's releases, with one folder each. */
export function recordsOf(site: string): string {
  return `${stateFolder}/releases/${site}`;
}

function installersOf(path: string, { site, live, shared, user, installer }: ReleaseAttributes): readonly Command[] {
  return installer
    ? [sh`read_installers ${path} ${recordsOf(site)} ${user} ${installer.folder} ${shared} ${installer.once} ${lockOf(installer, live)}`]
    : [];
}

/** Returns the file that the installer keeps in the live release while it works, or an empty text. */
function lockOf(installer: ReleaseAttributes['installer'], live: string): string {
  return installer?.lock === undefined ? '' : `${live}/${installer.lock}`;
}

/** Parses the lines of `read_release`. */
function parseReleases(output: string): ReadonlyMap<string, ReleaseState> {
  const states = new Map<string, ReleaseState>();
  let path = '';
  const add = (more: (state: ReleaseState) => Partial<ReleaseState>) => {
    const state = states.get(path) ?? { exists: false, touched: [] };
    states.set(path, { ...state, ...more(state) });
  };
  for (const line of output.split('\n')) {
    const [word, one = '', two = '', three = ''] = line.split('\t');
    switch (word) {
      case 'there':
        path = one;
        add(() => ({ exists: true }));
        break;
      case 'known':
        path = one;
        add(() => ({ base: { release: two, record: three, digest: '', missing: [] } }));
        break;
      case 'installer':
        path = one;
        add(() => ({ hasInstaller: true }));
        break;
      case 'digest':
        add(({ base }) => (base ? { base: { ...base, digest: one } } : {}));
        break;
      case 'touched':
        add(({ touched, base, exists }) => ({
          ...(exists && { touched: [...touched, unescaped(one)] }),
          ...lacking(base, unescaped(one)),
        }));
        break;
      case 'lost':
        add(({ base }) => lacking(base, unescaped(one)));
        break;
    }
  }
  return states;
}

function lacking(base: Base | undefined, path: string): Partial<ReleaseState> {
  return base ? { base: { ...base, missing: [...base.missing, path] } } : {};
}
