import { type Command, sh } from '../command/command.ts';
import type { Resource } from '../engine/resource.ts';
import { stateFolder } from '../host-paths.ts';

/** What the kernel knows an account by, besides its entry. */
export interface Numbers {
  /** The number that we gave it: what has that one is its own, also where the account was deleted meanwhile or made again. */
  readonly recorded?: string;
  /** Numbers that no account has and that own something in a folder of an account's. */
  readonly strays?: readonly { readonly tree: string; readonly number: string }[];
}

export interface Numbered extends Numbers {
  readonly sort: 'user' | 'group';
  readonly name: string;
  /** Folders in which all that has its number is its own. */
  readonly trees: readonly string[];
}

type Account = Resource & { readonly attributes: { readonly trees: readonly string[] } };

/** Prints the recorded numbers, and those of nobody in the accounts' folders, for which it looks two seconds at most. What has several links may be somebody else's. */
export function readNumbers(sort: Numbered['sort'], accounts: readonly Account[]): readonly Command[] {
  const trees = accounts.flatMap(({ attributes }) => attributes.trees);
  const names = accounts.map(({ id }) => id);
  const { table, has, nobody, print } =
    sort === 'user'
      ? { table: 'passwd', has: '-uid', nobody: '-nouser', print: '%U' }
      : { table: 'group', has: '-gid', nobody: '-nogroup', print: '%G' };
  const others = sh`$(getent ${table} ${names} | cut -d : -f 3 | sed ${`s/^/! ${has} /`})`;
  return [
    sh`grep -sH '' ${names.map((name) => `${stateFolder}/accounts/${sort}-${name}`)}`,
    ...(trees.length === 0
      ? []
      : [
          sh`timeout 2 find ${trees} -xdev ! ${has} 0 ${others} ${nobody} '(' -type d -o -links 1 ')' -printf ${`stray:${print}:%H\\n`} 2>/dev/null | sort -u`,
        ]),
  ];
}

/** Understands what that printed: the numbers of one account, and of all that have some. */
export function numbersIn(output: string): { readonly of: (name: string) => Numbers; readonly all: ReadonlyMap<string, Numbers> } {
  const strays = [...output.matchAll(/^stray:(\d+):(\/.*)$/gm)].map(([, number = '', tree = '']) => ({ tree, number }));
  const recorded = [...output.matchAll(/^\/.*\/accounts\/(?:user|group)-([^:/]+):(\d+)$/gm)];
  const all = new Map(recorded.map(([, name = '', number = '']) => [name, { recorded: number, strays }]));
  return { all, of: (name) => all.get(name) ?? { strays } };
}

/** What makes an account's number, and what has a former one of it, as they are to be; undefined where they are. */
export function numberChange({ sort, name, trees, recorded, strays = [] }: Numbered, now: string) {
  const own = strays.filter(({ tree }) => trees.includes(tree));
  const said = [
    ...(recorded === undefined ? [`note its number, ${now}`] : recorded === now ? [] : [`number ${recorded} -> ${now} of what it owns`]),
    ...own.map(({ tree, number }) => `take what the number ${number}, which nobody has, owns in ${tree}`),
  ];
  if (said.length === 0) return undefined;
  const numbers = [...new Set(own.map(({ number }) => number))];
  const apply =
    trees.length === 0 ? sh`record_number ${sort} ${name} ${now}` : sh`reassign_old_files ${sort} ${name} ${numbers.join(' ')} ${trees}`;
  return { summary: said.join(', '), apply };
}
