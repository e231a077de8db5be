import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { bytesOf, type Item } from '../listing.ts';
import { broken, type Container, limited, limits, tooLarge, unpackedLimit } from './container.ts';

const types: Readonly<Record<string, Item['type']>> = { file: 'file', 'contiguous-file': 'file', directory: 'folder', symlink: 'link' };

/** A name may be in any encoding. tar-stream's types do not know the option. */
const byteNames = { filenameEncoding: 'latin1', highWaterMark: 65_536 };

/** Returns a tar archive, compressed by gzip or not. It is read as a stream, from its beginning each time. */
export function tarContainer(path: string, isCompressed: boolean): Container {
  return {
    name: path,
    async walk(visit, signal) {
      const { size } = await stat(path);
      const reading = new AbortController();
      const unpacking = extract(byteNames);
      const steps = [createReadStream(path), ...(isCompressed ? [createGunzip()] : []), limited(path, unpackedLimit(size))];
      let cause: unknown;
      const done = pipeline([...steps, unpacking], { signal: AbortSignal.any([signal, reading.signal]) }).catch((error: unknown) => {
        cause ??= error;
      });
      let number = 0;
      try {
        for await (const entry of unpacking) {
          if (number >= limits.entries) throw tooLarge(path);
          const answer = await visit(itemOf(entry.header), number, async () => Readable.from(entry));
          number += 1;
          if (answer === 'stop') return;
          entry.resume();
        }
        await done;
      } catch (error) {
        cause ??= error;
      } finally {
        reading.abort();
        await done;
      }
      signal.throwIfAborted();
      if (cause !== undefined) throw broken(path, cause);
    },
  };
}

/** tar-stream decodes only the names of PAX headers as UTF-8. */
function itemOf({ name, type, size = 0, mode = 0o644, mtime, linkname, pax }: Header): Item {
  const kind = types[type ?? 'file'] ?? 'other';
  // A second name of a file is a link to the first one.
  const isHardLink = type === 'link';
  return {
    path: plainPath(!hasPax(pax, 'path') ? name : bytesOf(name)),
    type: isHardLink ? 'link' : kind,
    size: kind === 'file' ? size : 0,
    seconds: Math.floor((mtime?.getTime() ?? 0) / 1000),
    mode: mode & 0o777,
    target: targetOf(!hasPax(pax, 'linkpath') ? (linkname ?? '') : bytesOf(linkname ?? ''), isHardLink, name),
  };
}

function hasPax(pax: unknown, name: string): boolean {
  return typeof pax === 'object' && pax !== null && name in pax;
}

/** A hard link names the path of the archive; a symbolic link is relative to its own folder. */
function targetOf(target: string, isHardLink: boolean, path: string): string {
  return isHardLink ? `${'../'.repeat(plainPath(path).split('/').length - 1)}${plainPath(target)}` : target;
}

/** Returns a path of an archive without `./` before it and `/` after it. */
export function plainPath(path: string): string {
  return path.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '');
}
