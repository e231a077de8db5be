import { sh } from '../command/command.ts';
import type { Handler } from '../engine/handler.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { checkPath, fresh } from './path.ts';

interface SymlinkAttributes {
  readonly state: 'present' | 'absent';
  readonly to: string;
  /** See `Resource`. */
  readonly exclusive?: true;
}

interface SymlinkState {
  readonly type: string;
  readonly to: string;
}

/** Describes a symbolic link to `to`, which may be relative and need not exist. */
export function symlink(
  path: string,
  options: { readonly to: string; readonly notify?: Handler | readonly Handler[]; readonly exclusive?: true | undefined },
): Resource {
  const { to, exclusive, notify } = options;
  const attributes: SymlinkAttributes = { state: 'present', to, ...(exclusive && { exclusive }) };
  return symlinkKind.resource(path, attributes, { notify, ...(exclusive && { exclusive }) });
}

export const symlinkKind = defineKind<SymlinkAttributes, SymlinkState>({
  name: 'symlink',
  phase: 'files',
  conflict: ({ exclusive, attributes }, { type, to }) =>
    exclusive && !(type === 'l' && to === attributes.to) ? `exists, ${type === 'l' ? `a link to ${to}` : 'and is not a link'}` : undefined,
  check: checkPath,
  absent: () => ({ state: 'absent', to: '' }),
  // find(1) prints the targets of links without starting a process for each.
  read: (resources) => sh`find ${resources.map(({ id }) => id)} -maxdepth 0 -printf '%y\t%l\t%p\n' 2>/dev/null`,
  parse: (output) =>
    new Map(
      output.split('\n').flatMap((line): [string, SymlinkState][] => {
        const [type, to, path] = line.split('\t');
        return type && to !== undefined && path ? [[path, { type, to }]] : [];
      }),
    ),

  diff: (path, desired, current) => {
    const undo = sh`restore_file ${path}`;
    const effects = [{ kind: 'touches', path }] as const;
    if (desired.state === 'absent')
      return current?.type === 'l'
        ? [
            {
              action: 'remove',
              summary: 'remove',
              step: { kind: 'staged', stage: sh`stage_removal ${path}`, apply: sh`rm -f -- ${path}` },
              undo,
              effects,
            },
          ]
        : [];
    const stage = sh`prepare_staging ${path} && ln -sfn -- ${desired.to} "$new" && back_up ${path}`;
    const link = { step: { kind: 'staged', stage, apply: sh`install_staged ${path}` }, undo, effects } as const;
    if (!current) return [{ action: 'create', summary: `link to ${desired.to}`, ...link, ...(desired.exclusive && fresh(path, stage)) }];
    if (current.type === 'l' && current.to === desired.to) return [];
    return [
      {
        action: 'update',
        summary: current.type === 'l' ? `${current.to} -> ${desired.to}` : `replace with a link to ${desired.to}`,
        ...link,
      },
    ];
  },
});
