import { type Command, lines, sh } from '../command/command.ts';
import { type Difference, defineKind, type Resource } from '../engine/resource.ts';
import { checkPath, type Ownership, ownership, ownershipChanges, parseStat, type Stat, statCommand } from './path.ts';

interface DirectoryAttributes extends Ownership {
  readonly state: 'present' | 'absent';
  /** Whose the things in it are, which decides what removing it takes. */
  readonly holds: Holds;
}

/**
 * What a folder holds: `others` (what is not ours keeps it from being removed), `ours` (it goes with all that is in it),
 * or `data` (the same, but only where the user allows that).
 */
export type Holds = 'others' | 'ours' | 'data';

interface DirectoryState extends Stat {
  readonly empty: boolean;
  /** The folder that it lies in is not root's. */
  readonly inOthers: boolean;
}

/** A folder with this owner (default `root:root`) and mode (default `0755`). */
export function directory(path: string, options: Partial<Ownership> & { readonly holds?: Holds; readonly retained?: true } = {}): Resource {
  const holds = options.holds ?? 'others';
  const attributes: DirectoryAttributes = { state: 'present', holds, ...ownership(options, '0755') };
  return {
    kind: 'directory',
    id: checkPath(path),
    attributes,
    notify: [],
    remember: { holds },
    ...(options.retained && { retained: options.retained }),
  };
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function remembered(value: unknown): Holds {
  const holds = typeof value === 'object' && value !== null && 'holds' in value ? value.holds : undefined;
  return holds === 'ours' || holds === 'data' ? holds : 'others';
}

export const directoryKind = defineKind<DirectoryAttributes, DirectoryState>({
  name: 'directory',
  phase: 'directories',
  absent: (id, value) => {
    const attributes: DirectoryAttributes = { state: 'absent', holds: remembered(value), ...ownership({}, '0755') };
    return { kind: 'directory', id: checkPath(id), attributes, notify: [] };
  },
  read: (resources) => {
    const gone = resources.filter(({ attributes }) => attributes.state === 'absent').map(({ id }) => id);
    return lines(
      sh`${statCommand} ${resources.map(({ id }) => id)} 2>/dev/null`,
      gone.length > 0 ? sh`find ${gone.map(parent)} -maxdepth 0 ! -user 0 -printf 'others\t%p\n' 2>/dev/null` : sh`:`,
      gone.length > 0 ? sh`find ${gone} -maxdepth 0 -type d -empty -printf 'empty\t%p\n' 2>/dev/null` : sh`:`,
    );
  },
  parse: (output) => {
    const empty = new Set([...output.matchAll(/^empty\t(.+)$/gm)].map(([, path]) => path));
    const others = new Set([...output.matchAll(/^others\t(.+)$/gm)].map(([, path]) => path));
    return new Map(
      [...parseStat(output)].map(([path, stat]) => [path, { ...stat, empty: empty.has(path), inOthers: others.has(parent(path)) }]),
    );
  },

  diff: (path, desired, current) => {
    const own = ({ mode, owner, group }: Ownership) => sh`own_folder ${path} ${mode} ${`${owner}:${group}`}`;
    // What lies in somebody else's folder goes with that: root removes nothing there by its path.
    if (desired.state === 'absent')
      return current && !current.inOthers && current.type === 'directory' ? [removal(path, desired.holds, current, own(current))] : [];
    if (!current) {
      // What a checker or a service has written there meanwhile goes with it where the folder is ours.
      const undo = desired.holds === 'ours' ? sh`rm -rf -- ${path}` : sh`remove_empty ${path}`;
      return [
        {
          action: 'create',
          summary: `create, mode ${desired.mode}${desired.owner === 'root' ? '' : `, owner ${desired.owner}`}`,
          path,
          apply: own(desired),
          undo,
        },
      ];
    }
    const changes = ownershipChanges(desired, current);
    if (current.type !== 'directory')
      return [
        {
          action: 'update',
          summary: `${current.type} -> directory`,
          path,
          stage: sh`set_aside ${path}`,
          apply: lines(sh`rm -f ${path}`, own(desired)),
          undo: sh`put_back ${path}`,
        },
      ];
    return changes.length === 0 ? [] : [{ action: 'update', summary: changes.join(', '), path, apply: own(desired), undo: own(current) }];
  },
});

function removal(path: string, holds: Holds, { empty, owner, group }: DirectoryState, own: Command): Difference {
  const whole = { action: 'remove', phase: 'removal', path, apply: sh`retire ${path}`, undo: sh`bring_back ${path}` } as const;
  if (holds === 'data' && !empty)
    return {
      ...whole,
      summary: 'remove with all that it holds',
      destroys: true,
      owners: [`user:${owner}`, `group:${owner}`, `group:${group}`],
    };
  if (holds === 'ours' && !empty) return { ...whole, summary: 'remove with what we put there' };
  const summary = empty ? 'remove' : 'remove once it is empty';
  return {
    ...whole,
    summary,
    apply: sh`remove_empty ${path}`,
    undo: own,
  };
}
