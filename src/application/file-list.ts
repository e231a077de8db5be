import { createHash } from 'node:crypto';

/** One path in an application's list of files. */
export interface Entry {
  readonly path: string;
  /** `x` for an executable file, `f` for any other file, `l` for a link, `d` for an empty folder. No more of a file's mode is sent. */
  readonly type: 'f' | 'x' | 'l' | 'd';
  /** SHA-256 of the content, of a link's target, or of an empty string for a folder. */
  readonly hash: string;
}

/**
 * Returns the list of a release's files as text: path, NUL, type, NUL, hash and a newline for each entry, sorted by the bytes of the path.
 */
export function listOf(entries: readonly Entry[]): string {
  return entries.map(({ path, type, hash }) => `${path}\0${type}\0${hash}\n`).join('');
}

/** Returns the digest that identifies an application's files: the same files give the same release. */
export function digestOf(list: string): string {
  return createHash('sha256').update(list).digest('hex');
}

const types: ReadonlySet<string> = new Set(['f', 'x', 'l', 'd'] satisfies Entry['type'][]);

function isType(text: string | undefined): text is Entry['type'] {
  return text !== undefined && types.has(text);
}

/** Parses the text that `listOf` returns. */
export function parseList(list: string): readonly Entry[] {
  return [...list.matchAll(/([^\0]+)\0([^\0])\0([0-9a-f]{64})\n/g)].flatMap(([, path, type, hash]): Entry[] =>
    path && hash && isType(type) ? [{ path, type, hash }] : [],
  );
}

/** Returns what counts as files: everything but empty folders. */
export function filesIn<T extends Pick<Entry, 'type'>>(entries: readonly T[]): readonly T[] {
  return entries.filter(({ type }) => type !== 'd');
}

export interface Changed {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Returns the differences between two lists, in their order. */
export function changedIn(before: readonly Entry[], after: readonly Entry[]): Changed {
  const old = new Map(before.map((entry) => [entry.path, entry]));
  const kept = new Set(after.map(({ path }) => path));
  const differs = ({ path, type, hash }: Entry) => {
    const earlier = old.get(path);
    return earlier !== undefined && (earlier.type !== type || earlier.hash !== hash);
  };
  return {
    added: after.flatMap(({ path }) => (old.has(path) ? [] : [path])),
    changed: after.flatMap((entry) => (differs(entry) ? [entry.path] : [])),
    removed: before.flatMap(({ path }) => (kept.has(path) ? [] : [path])),
  };
}

/** Decodes a path that the host has printed on one line. */
export function unescaped(path: string): string {
  return path.replaceAll(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
