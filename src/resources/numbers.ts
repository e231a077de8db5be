import { type Command, sh } from '../command/command.ts';
import type { Resource } from '../engine/resource.ts';
import { stateFolder } from '../host-paths.ts';

/** The numbers of an account, by which the kernel knows it. */
export interface Numbers {
  /** The number on record. Files with it belong to the account, even if the account was deleted and created again in the meantime. */
  readonly recorded?: string;
  /** The numbers that own files in a folder of an account. */
  readonly strays?: readonly Stray[];
}

/** A number that owns files in a folder of an account. `name` is its current account, if there is one. */
interface Stray {
  readonly tree: string;
  readonly number: string;
  readonly name?: string;
}

export interface Numbered extends Numbers {
  readonly sort: 'user' | 'group';
  readonly name: string;
  /** The folders in which every file with the account's number belongs to it. */
  readonly trees: readonly string[];
}

type Account = Resource & { readonly attributes: { readonly trees: readonly string[] } };

/**
 * An awk program that adds names to the numbers that own files, each once per folder. Its input is the accounts, followed by
 * `/NUMBER:FOLDER` for each file.
 */
const naming = '!/^\\// { name[$2] = $1; next } !seen[$0]++ { number = substr($1, 2); print "stray:" number ":" name[number] ":" $2 }';

/**
 * Returns commands that print the recorded numbers, and those that own files in the accounts' folders. The search takes at most two
 * seconds. Files with several links are left out, because they may belong to somebody else.
 */
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

/** Parses that output: the numbers of one account, and of all that have some. */
export function numbersIn(output: string): { readonly of: (name: string) => Numbers; readonly all: ReadonlyMap<string, Numbers> } {
  const strays = [...output.matchAll(/^stray:(\d+):([^:]*):(\/.*)$/gm)].map(
    ([, number = '', name = '', tree = '']): Stray => ({ tree, number, ...(name && { name }) }),
  );
  const recorded = [...output.matchAll(/^\/.*\/accounts\/(?:user|group)-([^:/]+):(\d+)$/gm)];
  const all = new Map(recorded.map(([, name = '', number = '']) => [name, { recorded: number, strays }]));
  return { all, of: (name) => all.get(name) ?? { strays } };
}

/**
 * Returns the strays that an account takes over: files in its own folders of a number that no account has, or that a system account has,
 * which got the number after this account had lost it. Files of a person stay theirs, and so do those of a system group, with which people
 * share files.
 */
function straysOf({ sort, name, trees, recorded, strays = [] }: Numbered): readonly Stray[] {
  const isTheirs = (stray: Stray) => stray.name !== undefined && (sort === 'group' || Number(stray.number) >= 1000);
  return strays.filter((stray) => trees.includes(stray.tree) && stray.name !== name && stray.number !== recorded && !isTheirs(stray));
}

/** Describes in a plan that an account takes over a stray. */
function describeStray({ tree, number, name }: Stray): string {
  return `take over the files in ${tree} of number ${number}, which ${name === undefined ? 'no account has' : `is ${name}`}`;
}

/** Returns the numbers, each once, as arguments of reassign_old_files. */
function numbersOf(strays: readonly Stray[]): string {
  return [...new Set(strays.map(({ number }) => number))].join(' ');
}

/** Returns the change that records an account's number and takes over the files of its former ones; undefined if nothing is to be done. */
export function numberChange(numbered: Numbered, now: string) {
  const { sort, name, trees, recorded } = numbered;
  const strays = straysOf(numbered);
  const parts = [
    ...(recorded === undefined
      ? [`record its number ${now}`]
      : recorded === now
        ? []
        : [`number ${recorded} -> ${now} for the files that it owns`]),
    ...strays.map(describeStray),
  ];
  if (parts.length === 0) return undefined;
  const apply =
    trees.length === 0 ? sh`record_number ${sort} ${name} ${now}` : sh`reassign_old_files ${sort} ${name} ${numbersOf(strays)} ${trees}`;
  return { summary: parts.join(', '), apply };
}
