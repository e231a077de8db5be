import { createHash } from 'node:crypto';

/** One path of an application, as its list has it. */
export interface Entry {
  readonly path: string;
  /** `x` for a file that can be executed, `f` for any other, `l` for a link, `d` for a folder that is empty: all of a mode that is sent. */
  readonly type: 'f' | 'x' | 'l' | 'd';
  /** SHA-256 of the content, or of the link's target; of nothing for a folder. */
  readonly hash: string;
}

/** All that a release is, as one text: a path, NUL, its type, NUL, its hash and a newline each, sorted by the bytes of the path. */
export function listOf(entries: readonly Entry[]): string {
  return entries.map(({ path, type, hash }) => `${path}\0${type}\0${hash}\n`).join('');
}

/** The name of an application's files: the same files give the same release. */
export function digestOf(list: string): string {
  return createHash('sha256').update(list).digest('hex');
}

const types: ReadonlySet<string> = new Set(['f', 'x', 'l', 'd'] satisfies Entry['type'][]);

function isType(text: string | undefined): text is Entry['type'] {
  return text !== undefined && types.has(text);
}

export function parseList(list: string): readonly Entry[] {
  return [...list.matchAll(/([^\0]+)\0([^\0])\0([0-9a-f]{64})\n/g)].flatMap(([, path, type, hash]): Entry[] =>
    path && hash && isType(type) ? [{ path, type, hash }] : [],
  );
}

/** What is counted as files: all but the empty folders. */
export function filesIn<T extends Pick<Entry, 'type'>>(entries: readonly T[]): readonly T[] {
  return entries.filter(({ type }) => type !== 'd');
}

export interface Changed {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** What became of one list in another, in their order. */
export function changedIn(before: readonly Entry[], after: readonly Entry[]): Changed {
  const old = new Map(before.map((entry) => [entry.path, entry]));
  const kept = new Set(after.map(({ path }) => path));
  const differs = ({ path, type, hash }: Entry) => {
    const known = old.get(path);
    return known !== undefined && (known.type !== type || known.hash !== hash);
  };
  return {
    added: after.flatMap(({ path }) => (old.has(path) ? [] : [path])),
    changed: after.flatMap((entry) => (differs(entry) ? [entry.path] : [])),
    removed: before.flatMap(({ path }) => (kept.has(path) ? [] : [path])),
  };
}

/** A path as the host prints it, on one line. */
export function unescaped(path: string): string {
  return path.replaceAll(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
