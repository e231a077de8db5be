import { type Command, sh } from '../command/command.ts';
import type { Resource } from '../engine/resource.ts';
import { stateFolder } from '../host-paths.ts';

/** What the kernel knows an account by, besides its entry. */
export interface Numbers {
  /** The number that we gave it: what has that one is its own, also where the account was deleted meanwhile or made again. */
  readonly recorded?: string;
  /** Numbers that own something in a folder of an account's. */
  readonly strays?: readonly Stray[];
}

/** A number that owns something in a folder of an account's; `name` is whose it is, where it is anyone's. */
interface Stray {
  readonly tree: string;
  readonly number: string;
  readonly name?: string;
}

export interface Numbered extends Numbers {
  readonly sort: 'user' | 'group';
  readonly name: string;
  /** Folders in which all that has its number is its own. */
  readonly trees: readonly string[];
}

type Account = Resource & { readonly attributes: { readonly trees: readonly string[] } };

/** Gives names to the numbers that own something, each once in a folder: first come the accounts, then `/NUMBER:FOLDER` for all that is there. */
const naming = '!/^\\// { name[$2] = $1; next } !seen[$0]++ { number = substr($1, 2); print "stray:" number ":" name[number] ":" $2 }';

/** Prints the recorded numbers, and those that own something in the accounts' folders, for which it looks two seconds at most. What has several links may be somebody else's. */
export function readNumbers(sort: Numbered['sort'], accounts: readonly Account[]): readonly Command[] {
  const trees = accounts.flatMap(({ attributes }) => attributes.trees);
  const names = accounts.map(({ id }) => id);
  const { table, has, print } =
    sort === 'user' ? { table: 'passwd', has: '-uid', print: '%U' } : { table: 'group', has: '-gid', print: '%G' };
  return [
    sh`grep -sH '' ${names.map((name) => `${stateFolder}/accounts/${sort}-${name}`)}`,
    ...(trees.length === 0
      ? []
      : [
          sh`{ getent ${table} | cut -d : -f 1,3; timeout 2 find ${trees} -xdev ${has} +99 '(' -type d -o -links 1 ')' -printf ${`/${print}:%H\\n`} 2>/dev/null; } | awk -F : ${naming}`,
        ]),
  ];
}

/** Understands what that printed: the numbers of one account, and of all that have some. */
export function numbersIn(output: string): { readonly of: (name: string) => Numbers; readonly all: ReadonlyMap<string, Numbers> } {
  const strays = [...output.matchAll(/^stray:(\d+):([^:]*):(\/.*)$/gm)].map(
    ([, number = '', name = '', tree = '']): Stray => ({ tree, number, ...(name && { name }) }),
  );
  const recorded = [...output.matchAll(/^\/.*\/accounts\/(?:user|group)-([^:/]+):(\d+)$/gm)];
  const all = new Map(recorded.map(([, name = '', number = '']) => [name, { recorded: number, strays }]));
  return { all, of: (name) => all.get(name) ?? { strays } };
}

/**
 * Returns the strays that an account takes: in its own folders what nobody's number owns, and what a system account's does, which came by that number
 * when the account had lost it. A person's own files stay theirs, and so does a group's of the system, by which people let others in.
 */
function straysOf({ sort, name, trees, recorded, strays = [] }: Numbered): readonly Stray[] {
  const isTheirs = (stray: Stray) => stray.name !== undefined && (sort === 'group' || Number(stray.number) >= 1000);
  return strays.filter((stray) => trees.includes(stray.tree) && stray.name !== name && stray.number !== recorded && !isTheirs(stray));
}

/** Describes in a plan that an account takes over a stray. */
function describeStray({ tree, number, name }: Stray): string {
  return `take over the files in ${tree} of number ${number}, which ${name === undefined ? 'no account has' : `is ${name}`}`;
}

/** Returns the numbers, each once, as reassign_old_files takes them. */
function numbersOf(strays: readonly Stray[]): string {
  return [...new Set(strays.map(({ number }) => number))].join(' ');
}

/** Returns the change that records an account's number and takes over the files of its former ones; undefined if nothing is to be done. */
export function numberChange(numbered: Numbered, now: string) {
  const { sort, name, trees, recorded } = numbered;
  const own = straysOf(numbered);
  const said = [
    ...(recorded === undefined ? [`record its number ${now}`] : recorded === now ? [] : [`number ${recorded} -> ${now} for the files that it owns`]),
    ...own.map(describeStray),
  ];
  if (said.length === 0) return undefined;
  const apply =
    trees.length === 0 ? sh`record_number ${sort} ${name} ${now}` : sh`reassign_old_files ${sort} ${name} ${numbersOf(own)} ${trees}`;
  return { summary: said.join(', '), apply };
}
