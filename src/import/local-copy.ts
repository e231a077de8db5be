import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, lstat, mkdir, readlink, realpath, rm, symlink, utimes } from 'node:fs/promises';
import { dirname, join, posix, relative, sep } from 'node:path';
import type { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import type { Item } from './listing.ts';
import { bytesOf, leadsOut, utf8 } from './listing.ts';

/** Returns whether a path is UTF-8 and stays in its folder. The old server is not trusted, so it may send others. */
export function isUsableName(path: string): boolean {
  const text = utf8(path);
  const isText = bytesOf(text) === path;
  return isText && !path.startsWith('/') && !path.split('/').some((part) => part === '' || part === '.' || part === '..');
}

/** Reads the sizes and times of these files in a local folder. Leaves out those that are missing or not regular files. */
export async function localFiles(
  folder: string,
  items: readonly Pick<Item, 'path'>[],
): Promise<ReadonlyMap<string, Pick<Item, 'size' | 'seconds'>>> {
  const found = new Map<string, Pick<Item, 'size' | 'seconds'>>();
  for (const { path } of items) {
    const stats = await lstat(join(folder, utf8(path))).catch(() => undefined);
    if (stats?.isFile()) found.set(path, { size: stats.size, seconds: Math.floor(stats.mtimeMs / 1000) });
  }
  return found;
}

/**
 * Unpacks an archive of the named files into a local folder, and resolves to the SHA-256 of each. Nothing but these files is written, and no
 * link is followed.
 */
export async function unpackHere(folder: string, items: readonly Item[], archive: PassThrough): Promise<ReadonlyMap<string, string>> {
  const expected = new Map(items.map((item) => [utf8(item.path), item]));
  const hashes = new Map<string, string>();
  const folders = realFolders(folder);
  const unpacking = extract();
  archive.on('error', (error) => unpacking.destroy(error));
  archive.pipe(unpacking);
  for await (const entry of unpacking) {
    const item = expected.get(entry.header.name.replace(/^\.\//, ''));
    if (!item || entry.header.type !== 'file') {
      entry.resume();
      continue;
    }
    const path = join(folder, utf8(item.path));
    await folders(dirname(path));
    await rm(path, { recursive: true, force: true });
    const hash = createHash('sha256');
    entry.on('data', (chunk: unknown) => Buffer.isBuffer(chunk) && hash.update(chunk));
    // Nobody else on this machine needs to read the application's settings.
    await pipeline(entry, createWriteStream(path, { flags: 'wx', mode: item.mode & 0o111 ? 0o700 : 0o600 }));
    await utimes(path, item.seconds, item.seconds);
    hashes.set(item.path, hash.digest('hex'));
  }
  return hashes;
}

/** Creates folders and links. Resolves to the links that were left out because they lead out of the folder. */
export async function makeLinksHere(folder: string, items: readonly Item[], root: string): Promise<readonly string[]> {
  const folders = realFolders(folder);
  for (const { path, type } of items) if (type === 'folder') await folders(join(folder, utf8(path)));
  const left: string[] = [];
  const real = await realpath(folder);
  for (const item of items) {
    if (item.type !== 'link') continue;
    const path = join(folder, utf8(item.path));
    const target = relativeTarget(item, root);
    if (target === undefined) {
      left.push(utf8(item.path));
      continue;
    }
    await folders(dirname(path));
    if ((await readlink(path).catch(() => undefined)) === target) continue;
    await rm(path, { recursive: true, force: true });
    await symlink(target, path);
    // Links may lead to other links.
    const end = await realpath(path).catch(() => undefined);
    if (end !== undefined && !`${end}${sep}`.startsWith(`${real}${sep}`)) {
      await rm(path);
      left.push(utf8(item.path));
    }
  }
  return left;
}

/** Returns the target of a link in a copy of its folder, or undefined if the link leads out of the folder. */
export function relativeTarget(item: Pick<Item, 'path' | 'target'>, root: string): string | undefined {
  if (leadsOut(item, root)) return undefined;
  if (!item.target.startsWith('/')) return utf8(item.target);
  return posix.relative(posix.dirname(`${root}/${item.path}`), item.target) || '.';
}

/** Returns a function that creates a folder below this one, and those above it. A link or a file in its place is removed. */
function realFolders(folder: string): (path: string) => Promise<void> {
  const known = new Set<string>();
  return async (path) => {
    let current = folder;
    for (const part of ['', ...relative(folder, path).split(sep)]) {
      current = join(current, part);
      if (known.has(current)) continue;
      const stats = await lstat(current).catch(() => undefined);
      if (stats && !stats.isDirectory() && current !== folder) await rm(current);
      if (!stats?.isDirectory()) await mkdir(current, { recursive: true, mode: 0o700 });
      known.add(current);
    }
    await chmod(folder, 0o700);
  };
}
