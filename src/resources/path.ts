import { type Command, sh } from '../command/command.ts';
import type { Difference } from '../engine/difference.ts';

/** How what is nobody else's is put where nothing was: what somebody has put there meanwhile stays. */
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

/** What `stat` says of a path. */
export interface Stat extends Ownership {
  /** As stat(1) words it: `regular file`, `directory`, `symbolic link`. */
  readonly type: string;
  /** When its content last changed, by the host's own clock and zone. */
  readonly modified?: string;
}

/** Complete ownership: root's, with the mode of the kind, where nothing else is said. The group follows the owner. */
export function ownership(options: Partial<Ownership>, mode: string): Ownership {
  const owner = options.owner ?? 'root';
  return { mode: options.mode ?? mode, owner, group: options.group ?? owner };
}

/** Absolute, normal, and of printable characters, so that one line of a reader's output is one path. */
export function checkPath(path: string): string {
  if (!path.startsWith('/') || /[\p{Cc}\\]/u.test(path) || /\/(\/|\.{1,2}(\/|$)|$)/.test(path)) {
    throw new TypeError(`${JSON.stringify(path)} is no absolute, normal path`);
  }
  return path;
}

export const statCommand = sh`stat --printf '%04a\\t%U\\t%G\\t%F\\t%n\\t%.19y\\t%u\\t%g\\n' --`;

/** Understands the lines of `statCommand`, by path; other lines are passed over. */
export function parseStat(output: string): ReadonlyMap<string, Stat> {
  return new Map(
    output.split('\n').flatMap((line): [string, Stat][] => {
      const [mode, user, group, type, path, modified, uid, gid] = line.split('\t');
      if (!mode || !user || !group || !type || !path) return [];
      return [[path, { mode, owner: named(user, uid), group: named(group, gid), type, ...(modified && { modified }) }]];
    }),
  );
}

/** An account that is there no more has no name, and its number is what chown(1) takes. */
function named(name: string, number: string | undefined): string {
  return name === 'UNKNOWN' && number ? number : name;
}

/** `mode 0600 -> 0644`, for each part that differs. */
export function ownershipChanges(desired: Ownership, current: Partial<Ownership>): readonly string[] {
  return (['mode', 'owner', 'group'] as const).flatMap((part) =>
    desired[part] === current[part] ? [] : [`${part} ${current[part]} -> ${desired[part]}`],
  );
}
