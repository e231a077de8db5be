import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { keepMeanwhile, recall } from '../cache.ts';
import type { Entry } from './file-list.ts';
import { type FoundFile, unreadable } from './tree.ts';

/** Files up to this size, in bytes, are read in one piece. */
const chunkSize = 1 << 20;
/** The number of files that are read in parallel. */
const concurrency = 16;
/** Two writes within this time may leave the same timestamp on a file, so younger files are read again the next time. */
const timestampGraceMs = 2000;

/**
 * Returns the files with the hashes of their content. Unless `trustTimes` is false, a file whose size, times and inode are unchanged is not
 * read again.
 */
export async function hashFiles(folder: string, files: readonly FoundFile[], trustTimes = true): Promise<readonly Entry[]> {
  const began = Date.now();
  const name = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 32);
  const known = parse(trustTimes ? await recall('hashes', name) : '');
  const hashes = new Map<string, string>();
  const unknown: FoundFile[] = [];
  for (const file of files) {
    const hash = isRead(file) ? known.get(fingerprint(file)) : textHash(file.text ?? file.target ?? '');
    if (hash === undefined) unknown.push(file);
    else hashes.set(file.path, hash);
  }
  const queue = unknown[Symbol.iterator]();
  const work = async () => {
    for (const file of queue) hashes.set(file.path, await hashOf(join(folder, file.path), file));
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const cacheable = files.filter((file) => isRead(file) && Math.max(file.modified, file.altered) < began - timestampGraceMs);
  if (unknown.some((file) => cacheable.includes(file)))
    keepMeanwhile(cacheable.map((file) => `${fingerprint(file)}\0${hashes.get(file.path)}\n`).join(''), 'hashes', name);
  return files.map(({ path, type }) => ({ path, type, hash: hashes.get(path) ?? '' }));
}

/** Returns whether the file has content to read, unlike links, folders and files whose text is known. */
function isRead({ type, text }: FoundFile): boolean {
  return text === undefined && (type === 'f' || type === 'x');
}

function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Returns a key that stays the same as long as nobody writes to the file. */
function fingerprint({ path, size, modified, altered, inode }: FoundFile): string {
  return `${path}\0${size} ${modified} ${altered} ${inode}`;
}

function parse(text = ''): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/([^\0]+\0[^\0]+)\0([0-9a-f]{64})\n/g)].map(([, key = '', hash = '']) => [key, hash]));
}

async function hashOf(path: string, { path: name, size }: FoundFile): Promise<string> {
  const hash = createHash('sha256');
  try {
    if (size <= chunkSize) hash.update(await readFile(path));
    else for await (const chunk of createReadStream(path, { highWaterMark: chunkSize })) hash.update(chunk as Buffer);
  } catch (cause) {
    throw unreadable(name, cause);
  }
  return hash.digest('hex');
}
