import { lines, sh } from '../command/command.ts';
import { defineKind, type Resource, type ResourceOptions } from '../engine/resource.ts';
import { bundledLibrary } from '../engine/shell-library.ts';
import { checkPath, parseStat, type Stat, statCommand } from './path.ts';
import { fillRelease, recordsOf } from './release.ts';
import { accounts } from './shell.ts';

interface SharedFolderAttributes {
  /** The release in which the folder is mounted, its path in the release, and the link through which it is mounted. */
  readonly release: string;
  readonly path: string;
  readonly mount: string;
  /** The folder with everything that the site's releases share. */
  readonly shared: string;
  /** The name of the site in the host's records of releases. */
  readonly site: string;
  readonly user: string;
}

interface SharedFolderState {
  /** Undefined if the folder is missing. */
  readonly stat?: Stat;
}

/**
 * Describes a shared folder that is mounted in a release. The release creates it. Later, somebody may delete it, or restore it from a backup so
 * that root owns it. Programs that use the release are notified, because the folder is mounted when they start.
 */
export function sharedFolder(
  path: string,
  { notify, ...attributes }: Omit<SharedFolderAttributes, 'path'> & Pick<ResourceOptions, 'notify'>,
): Resource {
  const id = `${attributes.shared}/${path}`;
  return sharedFolderKind.resource(id, { ...attributes, path }, { notify });
}

export const sharedFolderKind = defineKind<SharedFolderAttributes, SharedFolderState>({
  name: 'shared-folder',
  phase: 'state',
  check: checkPath,
  shell: {
    run: [bundledLibrary('run/shared-folders.sh', fillRelease, accounts)],
    read: [bundledLibrary('read/shared-folders.sh')],
  },
  read: (resources) =>
    lines(
      sh`read_mounted ${resources.flatMap(({ id, attributes: { mount } }) => [id, mount])}`,
      sh`${statCommand} ${resources.map(({ id }) => id)} 2>/dev/null`,
    ),
  parse: (output) => {
    const stats = parseStat(output);
    return new Map(
      [...output.matchAll(/^mounted\t(.+)$/gm)].flatMap(([, id]): [string, SharedFolderState][] => {
        const stat = id === undefined ? undefined : stats.get(id);
        return id === undefined ? [] : [[id, stat ? { stat } : {}]];
      }),
    );
  },
  diff: (id, { release, path, shared, site, user }, current) => {
    // The release does not exist yet, and creates the folder when it is deployed.
    if (current === undefined) return [];
    const { stat } = current;
    if (stat === undefined)
      return [
        {
          action: 'create',
          summary: `create it again, owner ${user}`,
          step: { kind: 'plain', apply: sh`restore_shared_folder ${release} ${recordsOf(site)} ${shared} ${user} ${path}` },
          // Keep the folder, because the application may have written to it.
          undo: sh`:`,
        },
      ];
    // Leave a symbolic link alone: it is not followed, and the programs report it when they start.
    if (stat.type !== 'directory' || stat.owner !== 'root') return [];
    return [
      {
        action: 'update',
        summary: `owner root -> ${user}, with what root owns in it`,
        step: { kind: 'plain', apply: sh`take_over_shared_folder ${id} ${user}` },
        undo: sh`:`,
      },
    ];
  },
});
