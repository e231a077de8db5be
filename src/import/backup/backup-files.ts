import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { type Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { type Item, utf8 } from '../listing.ts';
import { isUsableName } from '../local-copy.ts';
import type { Texts } from '../nginx.ts';
import type { OldFiles } from '../origin.ts';
import { broken, type Container, limited, unpackedLimit } from './container.ts';

/** What a backup contains. */
export interface Backup {
  readonly container: Container;
  readonly items: readonly Item[];
  /** The names that lead out of the backup, or are not in UTF-8. `items` does not contain them. */
  readonly unusable: readonly string[];
  /** The place in the archive of the last entry of each name. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** Lists a backup. */
export async function listBackup(container: Container, signal: AbortSignal): Promise<Backup> {
  const found = new Map<string, Item>();
  const numbers = new Map<string, number>();
  const unusable = new Set<string>();
  await container.walk(async (item, number) => {
    if (item.path === '' || item.path === '.') return undefined;
    if (isUsableName(item.path)) {
      found.set(item.path, item);
      numbers.set(item.path, number);
    } else unusable.add(utf8(item.path));
    return undefined;
  }, signal);
  for (const { path, seconds } of [...found.values()])
    for (const folder of foldersOf(path))
      if (!found.has(folder)) found.set(folder, { path: folder, type: 'folder', size: 0, seconds, mode: 0o755, target: '' });
  return { container, items: [...found.values()], unusable: [...unusable], numbers };
}

/** Returns the folders above a path, which need no entry of their own in an archive. */
export function foldersOf(path: string): readonly string[] {
  return path
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'));
}

/** Calls `read` with the content of each of these files that the backup has, in its order. */
async function readEach(
  { container, numbers }: Backup,
  paths: readonly string[],
  read: (item: Item, content: Readable) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const wanted = new Set(paths.flatMap((path) => numbers.get(path) ?? []));
  const last = Math.max(...wanted);
  if (wanted.size === 0) return;
  await container.walk(async (item, number, content) => {
    if (wanted.has(number) && item.type === 'file') await read(item, await content());
    return number === last ? 'stop' : undefined;
  }, signal);
}

const maxText = 1_048_576;

/** Reads the first mebibyte of files of the backup. */
export async function readTexts(backup: Backup, paths: readonly string[], signal: AbortSignal): Promise<Texts> {
  const texts = new Map<string, string>();
  await readEach(
    backup,
    paths,
    async ({ path }, content) => {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of content) {
        if (!Buffer.isBuffer(chunk)) continue;
        if (size < maxText) chunks.push(chunk);
        size += chunk.length;
      }
      texts.set(path, Buffer.concat(chunks).subarray(0, maxText).toString('utf8'));
    },
    signal,
  );
  return texts;
}

/** Returns the files of an application in a folder of the backup. */
export function filesOfBackup(backup: Backup, folder: string, signal: AbortSignal): OldFiles {
  const inBackup = (path: string) => posix.join(folder, path);
  const hashes = new Map<string, string>();
  return {
    name: backup.container.name,
    async send(items, output, ending) {
      const archive = pack();
      const arriving = pipeline(archive, output, { signal: ending });
      const byPath = new Map(items.map((item) => [inBackup(item.path), item]));
      const reading = readEach(
        backup,
        [...byPath.keys()],
        async ({ path, size, seconds, mode }, content) => {
          const own = byPath.get(path);
          if (!own) return;
          const hash = createHash('sha256');
          const entry = archive.entry({ name: `./${utf8(own.path)}`, size, mode, mtime: new Date(seconds * 1000) });
          await pipeline(content, hashing(hash), entry);
          hashes.set(own.path, hash.digest('hex'));
        },
        ending,
      ).then(
        () => archive.finalize(),
        (error: unknown) => {
          archive.destroy(broken(backup.container.name, error));
          throw error;
        },
      );
      const [read, arrived] = await Promise.allSettled([reading, arriving]);
      if (arrived.status === 'rejected') throw arrived.reason;
      if (read.status === 'rejected') throw read.reason;
      return [];
    },
    hashes: async () => hashes,
    async texts(paths) {
      const found = await readTexts(backup, paths.map(inBackup), signal);
      return new Map(
        paths.flatMap((path): [string, string][] =>
          [[path, found.get(inBackup(path))]].flatMap(([name, text]) => (name !== undefined && text !== undefined ? [[name, text]] : [])),
        ),
      );
    },
  };
}

function hashing(hash: ReturnType<typeof createHash>): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

/** Writes the statements of a dump in the backup to a stream, unpacked, and ends it. */
export async function writeDump(backup: Backup, path: string, output: Writable, signal: AbortSignal): Promise<void> {
  const { name } = backup.container;
  await readEach(
    backup,
    [path],
    async ({ size }, content) => {
      const gunzip = path.endsWith('.gz') ? [createGunzip(), limited(`${name}: ${path}`, unpackedLimit(size))] : [];
      await pipeline([content, ...gunzip, output], { signal }).catch((error: unknown) => {
        throw broken(`${name}: ${path}`, error);
      });
    },
    signal,
  );
}
