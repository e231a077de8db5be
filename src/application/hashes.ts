import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { keep, recall } from '../cache.ts';
import type { Entry } from './file-list.ts';
import { type Found, unreadable } from './tree.ts';

/** Bytes up to which a file is read at once. */
const small = 1 << 20;
/** Files that are read at the same time. */
const atOnce = 16;
/** Milliseconds within which two writes may leave the same time on a file; what is younger is read again the next time. */
const racy = 2000;

/** The files with the hashes of what they hold. A file that has its size, times and inode of the last time is not read again, unless times are not to be trusted. */
export async function hashed(folder: string, files: readonly Found[], trusting = true): Promise<readonly Entry[]> {
  const began = Date.now();
  const name = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 32);
  const known = parse(trusting ? await recall('hashes', name) : '');
  const hashes = new Map<string, string>();
  const unknown: Found[] = [];
  for (const file of files) {
    const hash = isRead(file) ? known.get(seal(file)) : textHash(file.target ?? '');
    if (hash === undefined) unknown.push(file);
    else hashes.set(file.path, hash);
  }
  const waiting = unknown[Symbol.iterator]();
  const work = async () => {
    for (const file of waiting) hashes.set(file.path, await hashOf(join(folder, file.path), file));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const settled = files.filter((file) => isRead(file) && Math.max(file.modified, file.altered) < began - racy);
  if (unknown.some((file) => settled.includes(file)))
    await keep(settled.map((file) => `${seal(file)}\0${hashes.get(file.path)}\n`).join(''), 'hashes', name);
  return files.map(({ path, type }) => ({ path, type, hash: hashes.get(path) ?? '' }));
}

/** Links and folders hold nothing that is read. */
function isRead({ type }: Found): boolean {
  return type === 'f' || type === 'x';
}

function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What stays the same as long as nobody writes to the file. */
function seal({ path, size, modified, altered, inode }: Found): string {
  return `${path}\0${size} ${modified} ${altered} ${inode}`;
}

function parse(text = ''): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/([^\0]+\0[^\0]+)\0([0-9a-f]{64})\n/g)].map(([, sealed = '', hash = '']) => [sealed, hash]));
}

async function hashOf(path: string, { path: name, size }: Found): Promise<string> {
  const hash = createHash('sha256');
  try {
    if (size <= small) hash.update(await readFile(path));
    else for await (const chunk of createReadStream(path, { highWaterMark: small })) hash.update(chunk as Buffer);
  } catch (cause) {
    throw unreadable(name, cause);
  }
  return hash.digest('hex');
}
