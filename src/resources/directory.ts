import { type Command, lines, sh } from '../command/command.ts';
import type { Difference } from '../engine/difference.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { checkPath, type Ownership, ownership, ownershipChanges, parseStat, type Stat, statCommand } from './path.ts';
import { folders } from './shell.ts';

interface DirectoryAttributes extends Ownership {
  readonly state: 'present' | 'absent';
  /** Whose the content is, which decides what a removal deletes. */
  readonly holds: Holds;
  /** See `Resource`. */
  readonly exclusive?: true;
}

/**
 * What a folder holds. With `others`, the folder is removed only when it is empty. With `ours`, it is removed with its content. With
 * `data`, it is removed with its content if the user allows that.
 */
export type Holds = 'others' | 'ours' | 'data';

interface DirectoryState extends Stat {
  readonly empty: boolean;
  /** True if its parent folder does not belong to root. */
  readonly inOthers: boolean;
  /** The name of an entry that is not a symbolic link and that no resource describes. */
  readonly stranger?: string;
}

/** Describes a folder with this owner (default `root:root`) and mode (default `0755`). */
export function directory(
  path: string,
  options: Partial<Ownership> & { readonly holds?: Holds; readonly retained?: true; readonly exclusive?: true } = {},
): Resource {
  const holds = options.holds ?? 'others';
  const { exclusive } = options;
  const attributes: DirectoryAttributes = { state: 'present', holds, ...ownership(options, '0755'), ...(exclusive && { exclusive }) };
  return directoryKind.resource(path, attributes, {
    remember: { holds },
    ...(options.retained && { retained: options.retained }),
    ...(exclusive && { exclusive }),
  });
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** Returns arguments for find(1) that leave out the paths of these resources. */
function notThese(resources: readonly Resource[]): readonly string[] {
  return resources.flatMap(({ id }) => ['!', '-path', id.replaceAll(/[*?[]/g, '\\$&')]);
}

/** Returns whether a folder contains logs. They are removed only if the user allows it, or if everything is removed. */
function hasLogs(path: string, holds: Holds): boolean {
  return holds === 'ours' && path.startsWith('/var/log/');
}

function remembered(value: unknown): Holds {
  const holds = typeof value === 'object' && value !== null && 'holds' in value ? value.holds : undefined;
  return holds === 'ours' || holds === 'data' ? holds : 'others';
}

export const directoryKind = defineKind<DirectoryAttributes, DirectoryState>({
  name: 'directory',
  phase: 'directories',
  check: checkPath,
  shell: { run: [folders] },
  conflict: ({ exclusive, attributes }, current) => {
    if (!exclusive) return undefined;
    const { type, owner, stranger, empty } = current;
    if (type !== 'directory') return `exists, a ${type} of ${owner}`;
    if (attributes.holds === 'others') return stranger && `exists, a directory of ${owner}, with "${stranger}" in it`;
    // Data in a folder that is in its desired state came with a run whose record was lost.
    return empty || ownershipChanges(attributes, current).length === 0 ? undefined : `exists, a directory of ${owner} with something in it`;
  },
  absent: (value) => ({ state: 'absent', holds: remembered(value), ...ownership({}, '0755') }),
  read: (resources) => {
    const exclusive = resources.filter((resource) => resource.exclusive);
    const shared = exclusive.filter(({ attributes }) => attributes.holds === 'others').map(({ id }) => id);
    const gone = resources.filter(({ attributes }) => attributes.state === 'absent').map(({ id }) => id);
    const looked = [...gone, ...exclusive.filter(({ attributes }) => attributes.holds !== 'others').map(({ id }) => id)];
    return lines(
      sh`${statCommand} ${resources.map(({ id }) => id)} 2>/dev/null`,
      gone.length > 0 ? sh`find ${gone.map(parent)} -maxdepth 0 ! -user 0 -printf 'others\t%p\n' 2>/dev/null` : sh`:`,
      looked.length > 0 ? sh`find ${looked} -maxdepth 0 -type d -empty -printf 'empty\t%p\n' 2>/dev/null` : sh`:`,
      // A name may contain any character.
      ...(shared.length > 0
        ? [
            sh`find ${shared} -mindepth 1 -maxdepth 1 ! -type l ${notThese(resources)} -printf 'stranger %h/%f\\0' 2>/dev/null | tr '\n\t\\0' '  \n'`,
          ]
        : []),
    );
  },
  parse: (output) => {
    const empty = new Set([...output.matchAll(/^empty\t(.+)$/gm)].map(([, path]) => path));
    const strangers = new Map([...output.matchAll(/^stranger (.+)\/([^/\n]+)$/gm)].map(([, path = '', name = '']) => [path, name]));
    const others = new Set([...output.matchAll(/^others\t(.+)$/gm)].map(([, path]) => path));
    return new Map(
      [...parseStat(output)].map(([path, stat]) => {
        const stranger = strangers.get(path);
        return [path, { ...stat, empty: empty.has(path), inOthers: others.has(parent(path)), ...(stranger && { stranger }) }];
      }),
    );
  },

  diff: (path, desired, current) => {
    const effects = [{ kind: 'touches', path }] as const;
    const make = ({ mode, owner, group }: Ownership) => sh`make_owned_folder ${path} ${mode} ${`${owner}:${group}`}`;
    // Root removes nothing by its path in a folder of somebody else. It is removed together with that folder.
    if (desired.state === 'absent')
      return current && !current.inOthers && current.type === 'directory' ? [removal(path, desired.holds, current, make(current))] : [];
    if (!current) {
      // If the folder is ours, what a checker or a service has written there in the meantime is removed too.
      const undo = desired.holds === 'ours' ? sh`rm -rf -- ${path}` : sh`remove_if_empty ${path}`;
      return [
        {
          action: 'create',
          summary: `create, mode ${desired.mode}${desired.owner === 'root' ? '' : `, owner ${desired.owner}`}`,
          step: {
            kind: 'plain',
            apply: desired.exclusive ? lines(sh`is_free ${path}`, make(desired), sh`note_created ${path}`) : make(desired),
          },
          undo: desired.exclusive ? sh`! was_created ${path} || ${undo}` : undo,
          effects,
        },
      ];
    }
    const changes = ownershipChanges(desired, current);
    if (current.type !== 'directory')
      return [
        {
          action: 'update',
          summary: `${current.type} -> directory`,
          step: { kind: 'staged', stage: sh`stage_removal ${path}`, apply: lines(sh`rm -f ${path}`, make(desired)) },
          undo: sh`restore_file ${path}`,
          effects,
        },
      ];
    if (changes.length === 0) return [];
    return [{ action: 'update', summary: changes.join(', '), step: { kind: 'plain', apply: make(desired) }, undo: make(current), effects }];
  },
});

function removal(path: string, holds: Holds, { empty, owner, group }: DirectoryState, recreate: Command): Difference {
  const touches = { kind: 'touches', path } as const;
  const whole = {
    action: 'remove',
    phase: 'removal',
    step: { kind: 'plain', apply: sh`move_folder_away ${path}` },
    undo: sh`restore_folder ${path}`,
    effects: [touches],
  } as const;
  const logs = hasLogs(path, holds);
  if ((holds === 'data' || logs) && !empty)
    return {
      ...whole,
      summary: logs ? 'remove, with its logs' : 'remove, with everything in it',
      effects: [
        touches,
        {
          kind: 'destroys',
          what: logs ? 'logs' : 'data',
          owners: [
            { kind: 'user', id: owner },
            { kind: 'group', id: owner },
            { kind: 'group', id: group },
          ],
        },
      ],
    };
  if (holds === 'ours' && !empty) return { ...whole, summary: 'remove, with the files of earlier runs' };
  const summary = empty ? 'remove' : 'remove once it is empty';
  return {
    ...whole,
    summary,
    step: { kind: 'plain', apply: sh`remove_if_empty ${path}` },
    undo: recreate,
  };
}
