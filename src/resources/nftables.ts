import { lines, sh } from '../command/command.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { bundledLibrary } from '../engine/shell-library.ts';

interface NftablesAttributes {
  readonly state: 'present' | 'absent';
  /** The path of the file that loads the table. It is put in place before the table is loaded. */
  readonly file: string;
  /** The text of the file. */
  readonly content: string;
}

interface NftablesState {
  /** True if the kernel's rules are those of the text. */
  readonly same: boolean;
}

/**
 * Describes a table of the kernel's packet filter (family inet) that a file defines. Rules that somebody changed at run time are loaded
 * again.
 */
export function nftables(table: string, options: { readonly file: string; readonly content: string }): Resource {
  return nftablesKind.resource(table, { state: 'present', ...options });
}

function checkTable(table: string): string {
  if (!/^[a-z][a-z0-9_]*$/.test(table)) throw new TypeError(`${JSON.stringify(table)} is not a valid name for a table`);
  return table;
}

export const nftablesKind = defineKind<NftablesAttributes, NftablesState>({
  name: 'nftables',
  phase: 'state',
  check: checkTable,
  shell: { run: [bundledLibrary('run/nftables.sh')], read: [bundledLibrary('read/nftables.sh')] },
  absent: () => ({ state: 'absent', file: '', content: '' }),

  read: (resources) =>
    lines(sh`command -v nft >/dev/null || exit 0`, ...resources.map(({ id, attributes }) => sh`read_table ${id} ${attributes.content}`)),
  parse: (output) =>
    new Map(
      output.split('\n').flatMap((line): [string, NftablesState][] => {
        const [word, table] = line.split('\t');
        return table && (word === 'same' || word === 'other') ? [[table, { same: word === 'same' }]] : [];
      }),
    ),

  diff: (table, desired, current) => {
    const undo = sh`restore_table ${table}`;
    const effects = [{ kind: 'may-lock-out' }] as const;
    if (desired.state === 'absent') {
      const drop = lines(sh`back_up_table ${table}`, sh`remove_table ${table}`);
      return current
        ? [{ action: 'remove', phase: 'state', summary: 'remove the rules', step: { kind: 'plain', apply: drop }, undo, effects }]
        : [];
    }
    if (current?.same) return [];
    return [
      {
        action: current ? 'update' : 'create',
        summary: current ? 'reload the rules' : `load ${desired.file}`,
        step: { kind: 'plain', apply: lines(sh`back_up_table ${table}`, sh`nft -f ${desired.file}`) },
        undo,
        effects,
      },
    ];
  },
});
