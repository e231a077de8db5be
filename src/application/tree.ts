import { lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { isAbsolute, join, posix, relative } from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type ignore from 'ignore';
import { Problem } from '../error.ts';
import type { Entry } from './file-list.ts';

/** A file or an empty folder of the application, before its content is read. */
export interface FoundFile {
  readonly path: string;
  readonly type: Entry['type'];
  /** In bytes; 0 for a link and a folder. */
  readonly size: number;
  readonly target?: string;
  /** The content of a file that is not in the folder but is added for this kind of application. */
  readonly text?: string;
  /** The times in milliseconds since 1970, and the inode, which show whether it has changed. */
  readonly modified: number;
  readonly altered: number;
  readonly inode: number;
}

/** Reading a large tree may block this process for this time at most, because it connects to the host meanwhile. */
const maxBlockingMs = 2;

/**
 * Returns the files and empty folders below a folder that the rules do not ignore, sorted by the bytes of their paths. Rejects with a
 * Problem if one cannot be sent.
 */
export async function filesBelow(folder: string, rules: ReturnType<typeof ignore>): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  let until = performance.now() + maxBlockingMs;
  const visit = async (below: string) => {
    for (const entry of readable(below, () => readdirSync(join(folder, below), { withFileTypes: true }))) {
      const path = below ? `${below}/${entry.name}` : entry.name;
      if (rules.ignores(entry.isDirectory() ? `${path}/` : path)) continue;
      const before = found.length;
      if (entry.isDirectory()) await visit(path);
      if (found.length === before) found.push(describe(folder, path));
      if (performance.now() < until) continue;
      await yieldToOthers();
      until = performance.now() + maxBlockingMs;
    }
  };
  await visit('');
  return found.sort(({ path: one }, { path: other }) => byBytes(one, other));
}

/** From these characters on, JavaScript's order differs from that of the bytes of UTF-8. */
const surrogate = /[\ud800-\uffff]/;

/** Orders paths by the bytes of UTF-8. */
export function byBytes(one: string, other: string): number {
  if (surrogate.test(one) || surrogate.test(other)) return Buffer.compare(Buffer.from(one), Buffer.from(other));
  return one < other ? -1 : 1;
}

function describe(folder: string, path: string): FoundFile {
  // Node replaces bytes that are not UTF-8 with this character, after which the name no longer refers to its file.
  if (path.includes('\ufffd')) throw unsendable(path, 'its name is not UTF-8');
  const stat = readable(path, () => lstatSync(join(folder, path)));
  const times = { modified: stat.mtimeMs, altered: stat.ctimeMs, inode: stat.ino };
  if (stat.isSymbolicLink()) return { path, type: 'l', size: 0, target: insideLink(folder, path), ...times };
  if (stat.isDirectory()) return { path, type: 'd', size: 0, ...times };
  if (!stat.isFile()) throw unsendable(path, 'it is not a file, a folder or a link');
  return { path, type: stat.mode & 0o111 ? 'x' : 'f', size: stat.size, ...times };
}

/** Returns the target of a link. Throws a Problem if it points out of the application, because it would mean something else on the host. */
function insideLink(folder: string, path: string): string {
  const target = linkTarget(folder, path) ?? '';
  if (target.includes('\ufffd')) throw unsendable(path, 'the target of the link is not UTF-8');
  let remaining = [...path.split('/').slice(0, -1), ...target.split('/')];
  let at: string[] = [];
  let links = 0;
  if (target.startsWith('/')) throw pointsOutside(path, target);
  for (let part = remaining.shift(); part !== undefined; part = remaining.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.pop() === undefined) throw pointsOutside(path, target);
      continue;
    }
    const next = linkAt(join(folder, ...at, part));
    if (next === undefined) at = [...at, part];
    else if (next.startsWith('/')) throw pointsOutside(path, target);
    else remaining = [...next.split('/'), ...remaining];
    if (next !== undefined) links += 1;
    if (links > 40) throw unsendable(path, `it is a link that points back to itself, through ${target}`);
  }
  return target;
}

/** Returns the target of a link, as a relative path if it is in the application's folder, or undefined if there is no link. */
export function linkTarget(folder: string, path: string): string | undefined {
  const stated = linkAt(join(folder, path));
  return stated?.startsWith('/') ? (relativeTarget(folder, path, stated) ?? stated) : stated;
}

/** Returns the relative path from a link to a target in the application's folder, or undefined if the target is elsewhere. */
function relativeTarget(folder: string, path: string, target: string): string | undefined {
  const below = [folder, realpathSync(folder)]
    .map((root) => relative(root, target))
    .find((way) => !way.startsWith('..') && !isAbsolute(way));
  return below === undefined ? undefined : posix.relative(posix.dirname(path), below) || '.';
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Returns the Problem of a file that is listed but cannot be read. */
export function unreadable(path: string, cause: unknown): Problem {
  const why = cause instanceof Error && 'code' in cause && cause.code === 'EACCES' ? 'you may not read it' : 'it changed while it was read';
  return new Problem({
    message: `${JSON.stringify(path)} cannot be sent: ${why}.`,
    hint: 'Fix that, or exclude it with app.exclude or a .deployignore.',
    cause,
  });
}

function pointsOutside(path: string, target: string): Problem {
  return unsendable(path, `it is a link that points out of the application, to ${target}`);
}

function unsendable(path: string, why: string): Problem {
  return new Problem({
    message: `${JSON.stringify(path)} cannot be sent: ${why}.`,
    hint: 'Exclude it with app.exclude or a .deployignore, or replace it with the file itself.',
  });
}
