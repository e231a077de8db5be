import { unescaped } from '../application/file-list.ts';
import { lines, sh } from '../command/command.ts';
import type { Base } from '../engine/effect.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { releases } from '../engine/run-libraries.ts';
import { bundledLibrary } from '../engine/shell-library.ts';
import { stateFolder } from '../host-paths.ts';
import { checkPath } from './path.ts';
import { asUser, folders, releaseLinks } from './shell.ts';

interface ReleaseAttributes {
  readonly state: 'present' | 'absent';
  /** What was sent, and lies in the host's folder of arrivals under this name until the run takes it. */
  readonly digest: string;
  /** Names the site in what the host knows of its releases. */
  readonly site: string;
  /** The link that leads to the site's live release, of whose files those that stay the same need not travel. */
  readonly live: string;
  /** The folder of what outlives releases, and the paths that are linked into it. */
  readonly shared: string;
  readonly links: readonly string[];
  /** Folders inside the release that PHP may write; they begin anew with each. */
  readonly writable: readonly string[];
  /** Who owns what is shared, and what PHP may write. */
  readonly user: string;
}

interface ReleaseState {
  readonly there: boolean;
  /** This release, or the live one where this is not there yet. */
  readonly base?: Base;
  /** Paths of the release's own that somebody has touched. */
  readonly touched: readonly string[];
}

/**
 * One release of the application at this path: the files that were sent, owned by root, with what is shared linked in.
 * It is filled beside its place and renamed into it, so a folder of this name is always whole.
 */
export function release(path: string, options: Omit<ReleaseAttributes, 'state'>): Resource {
  const apart = [...options.links, ...options.writable];
  for (const link of apart) checkPath(`/${link}`);
  const nested = apart.find(
    (link) => options.links.some((other) => link.startsWith(`${other}/`)) || apart.filter((other) => other === link).length > 1,
  );
  if (nested) throw new TypeError(`${nested} lies in another folder that is shared`);
  return releaseKind.resource(path, { state: 'present', ...options });
}

export const releaseKind = defineKind<ReleaseAttributes, ReleaseState>({
  name: 'release',
  phase: 'state',
  check: checkPath,
  shell: {
    run: [bundledLibrary('run/release.sh', folders, asUser, releases, releaseLinks)],
    read: [bundledLibrary('read/release.sh', releases)],
  },
  // No `absent`: an older release is the way back, and is pruned by number.
  read: (resources) =>
    lines(...resources.map(({ id, attributes }) => sh`read_release ${id} ${recordsOf(attributes.site)} ${attributes.live}`)),
  parse: parseReleases,
  diff: (path, desired, current) => {
    const { digest, site, shared, user, writable, links } = desired;
    const effects = [{ kind: 'sends', digest, ...(current?.base && { base: current.base }) }] as const;
    const [first, ...more] = current?.touched ?? [];
    if (current?.there && first === undefined) return [];
    if (current?.there && first !== undefined)
      return [
        {
          action: 'update',
          summary: `${more.length + 1} ${more.length === 0 ? 'file' : 'files'} edited: ${[first, ...more.slice(0, 4)].join(', ')}${more.length > 4 ? ` and ${more.length - 4} more` : ''}`,
          step: { kind: 'plain', apply: sh`repair_release ${path} ${digest} ${site}` },
          undo: sh`undo_repair ${path}`,
          effects,
        },
      ];
    return [
      {
        action: 'create',
        summary: current?.base?.digest === digest ? 'copy the same files, with other shared or writable paths' : 'copy the uploaded files',
        step: {
          kind: 'plain',
          apply: sh`fill_release ${path} ${digest} ${site} ${shared} ${user} ${writable.length} ${[...writable, ...links]}`,
        },
        undo: sh`keep_failed_release ${path}`,
        effects,
      },
    ];
  },
});

/** The folder of what the host knows of a site's releases, one folder each. */
export function recordsOf(site: string): string {
  return `${stateFolder}/releases/${site}`;
}

/** The lines of `read_release`. */
function parseReleases(output: string): ReadonlyMap<string, ReleaseState> {
  const states = new Map<string, ReleaseState>();
  let path = '';
  const add = (more: (state: ReleaseState) => Partial<ReleaseState>) => {
    const state = states.get(path) ?? { there: false, touched: [] };
    states.set(path, { ...state, ...more(state) });
  };
  for (const line of output.split('\n')) {
    const [word, one = '', two = '', three = ''] = line.split('\t');
    switch (word) {
      case 'there':
        path = one;
        add(() => ({ there: true }));
        break;
      case 'known':
        path = one;
        add(() => ({ base: { release: two, record: three, digest: '', missing: [] } }));
        break;
      case 'digest':
        add(({ base }) => (base ? { base: { ...base, digest: one } } : {}));
        break;
      case 'touched':
        add(({ touched, base, there }) => ({ ...(there && { touched: [...touched, unescaped(one)] }), ...lacking(base, unescaped(one)) }));
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
