import { type Command, sh } from '../command/command.ts';
import type { Difference } from '../engine/difference.ts';

/** Returns the step that creates an exclusive item. It does not overwrite anything that somebody has created there in the meantime. */
export function fresh(path: string, stage: Command): Pick<Difference, 'step' | 'undo'> {
  return {
    step: { kind: 'staged', stage: sh`is_free ${path} && ${stage}`, apply: sh`install_new ${path}` },
    undo: sh`! was_created ${path} || restore_file ${path}`,
  };
}

export interface Ownership {
  /** Four octal digits: `0644`. */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
}

/** The output of `stat` for a path. */
export interface Stat extends Ownership {
  /** As stat(1) words it: `regular file`, `directory`, `symbolic link`. */
  readonly type: string;
  /** The time of its last change, in the host's time zone. */
  readonly modified?: string;
}

/** Returns a complete ownership. By default, the owner is root, the mode is that of the kind, and the group is the owner's. */
export function ownership(options: Partial<Ownership>, mode: string): Ownership {
  const owner = options.owner ?? 'root';
  return { mode: options.mode ?? mode, owner, group: options.group ?? owner };
}

/** Checks that a path is absolute, normalized and printable, so that each line of a reader's output is one path. */
export function checkPath(path: string): string {
  if (!path.startsWith('/') || /[\p{Cc}\\]/u.test(path) || /\/(\/|\.{1,2}(\/|$)|$)/.test(path)) {
    throw new TypeError(`${JSON.stringify(path)} is not an absolute, normalized path`);
  }
  return path;
}

export const statCommand = sh`stat --printf '%04a\\t%U\\t%G\\t%F\\t%n\\t%.19y\\t%u\\t%g\\n' --`;

/** Parses the lines of `statCommand`, by path. Other lines are ignored. */
export function parseStat(output: string): ReadonlyMap<string, Stat> {
  return new Map(
    output.split('\n').flatMap((line): [string, Stat][] => {
      const [mode, user, group, type, path, modified, uid, gid] = line.split('\t');
      if (!mode || !user || !group || !type || !path) return [];
      return [[path, { mode, owner: named(user, uid), group: named(group, gid), type, ...(modified && { modified }) }]];
    }),
  );
}

/** Returns an owner for chown(1): the name, or the number if no account has it any more. */
function named(name: string, number: string | undefined): string {
  return name === 'UNKNOWN' && number ? number : name;
}

/** Describes each part that differs: `mode 0600 -> 0644`. */
export function ownershipChanges(desired: Ownership, current: Partial<Ownership>): readonly string[] {
  return (['mode', 'owner', 'group'] as const).flatMap((part) =>
    desired[part] === current[part] ? [] : [`${part} ${current[part]} -> ${desired[part]}`],
  );
}
