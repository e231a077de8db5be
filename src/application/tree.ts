import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as others } from 'node:timers/promises';
import type { Ignore } from 'ignore';
import { Problem } from '../error.ts';
import type { Entry } from './file-list.ts';

/** A file, or an empty folder, as the folder has it, before it is read. */
export interface Found {
  readonly path: string;
  readonly type: Entry['type'];
  /** Bytes; 0 for a link and a folder. */
  readonly size: number;
  readonly target?: string;
  /** All that shows whether it was touched: its times in milliseconds since 1970, and its inode. */
  readonly modified: number;
  readonly altered: number;
  readonly inode: number;
}

/** Milliseconds for which the reading of a large tree may keep this process from all else: a connection is made meanwhile. */
const turn = 2;

/** The files below a folder that the rules do not leave out, and the folders in which there are none, sorted by the bytes of their paths. Rejects with a Problem for what cannot be sent. */
export async function filesBelow(folder: string, rules: Ignore): Promise<readonly Found[]> {
  const found: Found[] = [];
  let until = performance.now() + turn;
  const visit = async (below: string) => {
    for (const entry of readable(below, () => readdirSync(join(folder, below), { withFileTypes: true }))) {
      const path = below ? `${below}/${entry.name}` : entry.name;
      if (rules.ignores(entry.isDirectory() ? `${path}/` : path)) continue;
      const before = found.length;
      if (entry.isDirectory()) await visit(path);
      if (found.length === before) found.push(look(folder, path));
      if (performance.now() < until) continue;
      await others();
      until = performance.now() + turn;
    }
  };
  await visit('');
  return found.sort(({ path: one }, { path: other }) => byBytes(one, other));
}

/** Characters from here on are sorted otherwise by the bytes of UTF-8 than by JavaScript. */
const surrogate = /[\ud800-\uffff]/;

function byBytes(one: string, other: string): number {
  if (surrogate.test(one) || surrogate.test(other)) return Buffer.compare(Buffer.from(one), Buffer.from(other));
  return one < other ? -1 : 1;
}

function look(folder: string, path: string): Found {
  // A name of other bytes than UTF-8's comes with this sign in their place, and no longer leads to its file.
  if (path.includes('\ufffd')) throw unsendable(path, 'its name is not UTF-8');
  const stat = readable(path, () => lstatSync(join(folder, path)));
  const times = { modified: stat.mtimeMs, altered: stat.ctimeMs, inode: stat.ino };
  if (stat.isSymbolicLink()) return { path, type: 'l', size: 0, target: insideLink(folder, path), ...times };
  if (stat.isDirectory()) return { path, type: 'd', size: 0, ...times };
  if (!stat.isFile()) throw unsendable(path, 'it is not a file, a folder or a link');
  return { path, type: stat.mode & 0o111 ? 'x' : 'f', size: stat.size, ...times };
}

/** A link may lead to another part of the application; one that leads out of it, by whatever way, would mean something else on the host. */
function insideLink(folder: string, path: string): string {
  const target = readlinkSync(join(folder, path));
  if (target.includes('\ufffd')) throw unsendable(path, 'the target of the link is not UTF-8');
  let waiting = [...path.split('/').slice(0, -1), ...target.split('/')];
  let at: string[] = [];
  let links = 0;
  if (target.startsWith('/')) throw leadsOut(path, target);
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.pop() === undefined) throw leadsOut(path, target);
      continue;
    }
    const next = linkAt(join(folder, ...at, part));
    if (next === undefined) at = [...at, part];
    else if (next.startsWith('/')) throw leadsOut(path, target);
    else waiting = [...next.split('/'), ...waiting];
    if (next !== undefined) links += 1;
    if (links > 40) throw unsendable(path, `it is a link that points back to itself, through ${target}`);
  }
  return target;
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

/** The Problem of a file that was seen and cannot be read. */
export function unreadable(path: string, cause: unknown): Problem {
  const why = cause instanceof Error && 'code' in cause && cause.code === 'EACCES' ? 'you may not read it' : 'it changed while it was read';
  return new Problem({
    message: `${JSON.stringify(path)} cannot be sent: ${why}.`,
    hint: 'Fix that, or exclude it with app.exclude or a .deployignore. Nothing was changed.',
    cause,
  });
}

function leadsOut(path: string, target: string): Problem {
  return unsendable(path, `it is a link that points out of the application, to ${target}`);
}

function unsendable(path: string, why: string): Problem {
  return new Problem({
    message: `${JSON.stringify(path)} cannot be sent: ${why}.`,
    hint: 'Exclude it with app.exclude or a .deployignore, or replace it with the file itself. Nothing was changed.',
  });
}
