import { lines, sh } from '../command/command.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { checkPath, type Ownership, ownership, ownershipChanges, parseStat, type Stat, statCommand } from './path.ts';

interface DirectoryAttributes extends Ownership {
  readonly state: 'present' | 'absent';
  /** It holds what cannot be made again: it is removed only where the user allows that. */
  readonly data: boolean;
}

/** A folder with this owner (default `root:root`) and mode (default `0755`). `data: true` guards what users put into it. */
export function directory(path: string, options: Partial<Ownership> & { readonly data?: boolean } = {}): Resource {
  const data = options.data ?? false;
  const attributes: DirectoryAttributes = { state: 'present', data, ...ownership(options, '0755') };
  return { kind: 'directory', id: checkPath(path), attributes, notify: [], remember: { data } };
}

function remembersData(remembered: unknown): boolean {
  return typeof remembered === 'object' && remembered !== null && 'data' in remembered && remembered.data === true;
}

export const directoryKind = defineKind<DirectoryAttributes, Stat>({
  name: 'directory',
  phase: 'directories',
  absent: (id, remembered) => {
    const attributes: DirectoryAttributes = { state: 'absent', data: remembersData(remembered), ...ownership({}, '0755') };
    return { kind: 'directory', id, attributes, notify: [] };
  },
  read: (resources) => sh`${statCommand} ${resources.map(({ id }) => id)} 2>/dev/null`,
  parse: parseStat,

  diff: (path, desired, current) => {
    const own = ({ mode, owner, group }: Ownership) => lines(sh`chown ${`${owner}:${group}`} ${path}`, sh`chmod ${mode} ${path}`);
    if (desired.state === 'absent') {
      if (!current) return [];
      return desired.data
        ? [
            {
              action: 'remove',
              phase: 'state',
              summary: 'remove with all that it holds',
              path,
              apply: sh`rm -rf -- ${path}`,
              destroys: true,
            },
          ]
        : [
            {
              action: 'remove',
              phase: 'state',
              summary: 'remove where empty',
              path,
              apply: sh`rmdir --ignore-fail-on-non-empty -- ${path}`,
              undo: lines(sh`mkdir -p ${path}`, own(current)),
            },
          ];
    }
    if (!current) {
      const undo = sh`[ ! -d ${path} ] || rmdir --ignore-fail-on-non-empty -- ${path}`;
      return [
        {
          action: 'create',
          summary: `create, mode ${desired.mode}${desired.owner === 'root' ? '' : `, owner ${desired.owner}`}`,
          path,
          apply: lines(sh`mkdir -p ${path}`, own(desired)),
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
          apply: lines(sh`rm -f ${path}`, sh`mkdir -p ${path}`, own(desired)),
          undo: sh`put_back ${path}`,
        },
      ];
    return changes.length === 0 ? [] : [{ action: 'update', summary: changes.join(', '), path, apply: own(desired), undo: own(current) }];
  },
});
