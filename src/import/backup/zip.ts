import { constants } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { Problem } from '../../error.ts';
import type { Item } from '../listing.ts';
import { broken, type Container, limits, tooLarge, unpackedLimit } from './container.ts';
import { plainPath } from './tar.ts';

/** The longest target of a link, in bytes. */
const maxTarget = 4096;

/** Returns a zip archive. */
export function zipContainer(path: string): Container {
  return {
    name: path,
    async walk(visit, signal) {
      const limit = unpackedLimit((await stat(path)).size);
      let zip: ZipFile | undefined;
      try {
        zip = await openPromise(path, { decodeStrings: false, autoClose: false, lazyEntries: true });
        if (zip.entryCount > limits.entries) throw tooLarge(path);
        let [number, total] = [0, 0];
        for await (const entry of zip.eachEntry()) {
          signal.throwIfAborted();
          total += entry.uncompressedSize;
          if (total > limit) throw tooLarge(path);
          if (entry.isEncrypted()) throw encrypted(path);
          const opened = zip;
          const content = () => opened.openReadStreamPromise(entry);
          const item = await itemOf(entry, content);
          if ((await visit(item, number, content)) === 'stop') return;
          number += 1;
        }
      } catch (error) {
        signal.throwIfAborted();
        throw broken(path, error);
      } finally {
        zip?.close();
      }
    },
  };
}

async function itemOf(entry: Entry, content: () => Promise<Readable>): Promise<Item> {
  // Windows' own archives separate folders by backslashes.
  const name = entry.fileNameRaw.toString('latin1').replaceAll('\\', '/');
  // The upper half has Unix's type and mode, if a Unix has written the archive.
  const unix = entry.versionMadeBy >>> 8 === 3 ? entry.externalFileAttributes >>> 16 : 0;
  const type = name.endsWith('/') ? 'folder' : (typesOfMode.get(unix & constants.S_IFMT) ?? 'other');
  if (type === 'link' && entry.uncompressedSize > maxTarget) return { ...header(name, entry, unix), type: 'other' };
  return {
    ...header(name, entry, unix),
    type,
    size: type === 'file' ? entry.uncompressedSize : 0,
    target: type === 'link' ? (await buffer(await content())).toString('latin1') : '',
  };
}

const typesOfMode: ReadonlyMap<number, Item['type']> = new Map([
  [constants.S_IFREG, 'file'],
  [constants.S_IFDIR, 'folder'],
  [constants.S_IFLNK, 'link'],
  [0, 'file'],
]);

function header(name: string, entry: Entry, unix: number) {
  const seconds = Math.floor(entry.getLastModDate({ timezone: 'UTC' }).getTime() / 1000);
  return { path: plainPath(name), size: 0, seconds, mode: unix === 0 ? 0o644 : unix & 0o777, target: '' };
}

function encrypted(path: string): Problem {
  return new Problem({ message: `${path} is encrypted.`, hint: 'Unpack it with its password, and import the folder.' });
}
