import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { Problem } from '../../error.ts';
import type { Container } from './container.ts';
import { folderContainer } from './folder.ts';
import { tarContainer } from './tar.ts';
import { zipContainer } from './zip.ts';

/** Opens a backup. Its first bytes, not its name, decide how it is read. */
export async function openBackup(path: string): Promise<Container> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats)
    throw new Problem({
      message: `There is no file or folder ${path}.`,
      hint: 'Check the path. An old server is named as user@host.',
    });
  if (stats.isDirectory()) return folderContainer(path);
  if (!stats.isFile()) throw new Problem({ message: `${path} is neither a file nor a folder.`, hint: `Import ${readable}.` });
  const start = await startOf(path);
  if (isTar(start)) return tarContainer(path, false);
  if (start.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'))) return zipContainer(path);
  if (start[0] === 0x1f && start[1] === 0x8b) {
    const inner = await unpackedStart(path);
    if (isTar(inner)) return tarContainer(path, true);
    throw refusal(path, sqlStart.test(inner.toString('latin1')) ? sqlDump : 'a compressed file but not an archive');
  }
  throw refusal(path, kindOf(path, start));
}

const readable = 'a .tar.gz, .tgz, .tar or .zip archive, or a folder with the files and a dump of the database (.sql or .sql.gz)';
const sqlDump = 'a dump of a database alone';
const sqlStart = /^(?:\ufeff|\xef\xbb\xbf)?\s*(?:--|\/\*|#|CREATE |INSERT |DROP |SET )/i;

/** What other formats begin with. */
const magic: readonly (readonly [start: string, kind: string])[] = [
  ['\x28\xb5\x2f\xfd', 'compressed with zstd'],
  ['BZh', 'compressed with bzip2'],
  ['\xfd7zXZ', 'compressed with xz'],
  ['7z\xbc\xaf', 'a 7-Zip archive'],
  ['Rar!', 'a RAR archive'],
  ['PK\x05\x06', 'an empty zip archive'],
];

function kindOf(path: string, start: Buffer): string {
  const text = start.toString('latin1');
  if (start.length === 0) return 'empty';
  const known = magic.find(([each]) => text.startsWith(each))?.[1];
  if (known) return known;
  if (/\.wpress$/i.test(path)) return 'an archive of All-in-One WP Migration';
  if (/\.daf$/i.test(path)) return 'an archive of Duplicator in its own format';
  if (sqlStart.test(text) || /\.sql$/i.test(path)) return sqlDump;
  if (/\.(?:gpg|pgp|enc|aes)$/i.test(path)) return 'encrypted';
  return 'in a format that is not known';
}

function refusal(path: string, kind: string): Problem {
  return new Problem({
    message: `${path} is ${kind}, which cannot be imported.`,
    hint:
      kind === sqlDump
        ? 'Put it into a folder together with the files of the site, and import the folder.'
        : kind === 'empty'
          ? 'Compare its size with the original, and copy it again.'
          : `Unpack it yourself and import the folder. What can be imported is ${readable}.`,
  });
}

function isTar(start: Buffer): boolean {
  return start.subarray(257, 262).toString('latin1') === 'ustar' || isOldTar(start);
}

/** Archives from before POSIX have no mark, but the sum of their first header is right. */
function isOldTar(start: Buffer): boolean {
  if (start.length < 512 || start[0] === 0) return false;
  const sum = start.subarray(0, 512).reduce((all, byte, index) => all + (index >= 148 && index < 156 ? 32 : byte), 0);
  return sum === Number.parseInt(start.subarray(148, 156).toString('latin1'), 8);
}

async function startOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function unpackedStart(path: string): Promise<Buffer> {
  const reading = createReadStream(path);
  const unpacking = createGunzip();
  reading.on('error', (error) => unpacking.destroy(error));
  reading.pipe(unpacking);
  let start = Buffer.alloc(0);
  try {
    for await (const chunk of unpacking) {
      start = Buffer.concat([start, chunk as Buffer]);
      if (start.length >= 512) break;
    }
  } catch {
    // The file may be damaged later on. What was read is enough to tell its format.
  } finally {
    reading.destroy();
  }
  return start;
}
