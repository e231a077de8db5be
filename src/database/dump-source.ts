import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Duplex, type Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { Problem } from '../error.ts';

/** How a dump is compressed. */
export type Compression = 'plain' | 'gz' | 'zst' | 'bz2' | 'xz';

/** A dump that is read on this machine. `size` is in bytes, and undefined for a stream. */
export interface DumpSource {
  readonly name: string;
  readonly compression: Compression;
  readonly size: number | undefined;
  read(): Readable;
}

/** The first bytes of compressed files. */
const magic: readonly (readonly [start: string, compression: Compression])[] = [
  ['\x1f\x8b', 'gz'],
  ['\x28\xb5\x2f\xfd', 'zst'],
  ['BZh', 'bz2'],
  ['\xfd7zXZ\0', 'xz'],
];

/** The first bytes of files that users mistake for dumps that can be imported. */
const others: readonly (readonly [start: string, kind: string, hint: string])[] = [
  ['PK\x03\x04', 'a zip archive', 'Unpack it and import the .sql file in it.'],
  ['PGDMP', 'a dump of PostgreSQL', 'Only dumps of MySQL and MariaDB can be imported.'],
  ['SQLite format 3\0', 'a database of SQLite', 'Only dumps of MySQL and MariaDB can be imported.'],
  ['\xff\xfe', 'in UTF-16', 'Write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE >dump.sql'],
];

/** Opens a dump. Its first bytes, not its name, decide how it is decompressed. Rejects with a Problem if the file cannot be a dump. */
export async function dumpFile(path: string): Promise<DumpSource> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw new Problem({ message: `There is no file ${path}.`, hint: 'Check the path.', cause });
  });
  if (!stats.isFile())
    throw new Problem({
      message: `${path} is not a file.`,
      hint: 'Name a dump: .sql, .sql.gz, .sql.zst, .sql.bz2 or .sql.xz; or - for standard input.',
    });
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0).finally(() => file.close());
  const compression = compressionOf(path, buffer.subarray(0, bytesRead));
  return { name: path, compression, size: stats.size, read: () => createReadStream(path, { highWaterMark: 262_144 }) };
}

/** Opens a dump that is read from a stream. Rejects with a Problem if the stream cannot be a dump. */
export async function dumpStream(input: Readable): Promise<DumpSource> {
  let start = Buffer.alloc(0);
  for await (const chunk of input.iterator({ destroyOnReturn: false })) {
    start = Buffer.concat([start, Buffer.from(chunk)]);
    if (start.length >= 16) break;
  }
  const compression = compressionOf('standard input', start);
  if (!input.readableEnded) input.unshift(start);
  const ended = input.readableEnded;
  const { Readable } = await import('node:stream');
  return { name: 'standard input', compression, size: undefined, read: () => (ended ? Readable.from([start]) : input) };
}

function compressionOf(name: string, start: Buffer): Compression {
  const text = start.toString('latin1');
  if (start.length === 0)
    throw new Problem({ message: `${name} is empty.`, hint: 'Compare its size with the original, and copy it again.' });
  const known = magic.find(([each]) => text.startsWith(each))?.[1];
  if (known) return known;
  const other = others.find(([each]) => text.startsWith(each));
  if (other) throw new Problem({ message: `${name} is ${other[1]}, which cannot be imported.`, hint: other[2] });
  if (start.includes(0))
    throw new Problem({
      message: `${name} is not a dump: it is neither text nor in a known compression format.`,
      hint: 'Name a file with SQL statements, either uncompressed or compressed with gzip, zstd, bzip2 or xz.',
    });
  return 'plain';
}

const programs: Readonly<Record<Exclude<Compression, 'plain'>, string>> = { gz: 'gzip', zst: 'zstd', bz2: 'bzip2', xz: 'xz' };

/** Returns how a dump is sent: as it is if the host has the program to decompress it, or else decompressed on this machine. */
export function sent(
  { compression, name, read }: DumpSource,
  onHost: readonly string[],
): { readonly compression: Compression; readonly read: () => Readable } {
  if (compression === 'plain') return { compression, read };
  const program = programs[compression];
  if (onHost.includes(program)) return { compression, read };
  return { compression: 'plain', read: () => unpackedHere(read(), compression, program, name) };
}

function unpackedHere(packed: Readable, compression: Compression, program: string, name: string): Readable {
  const unpacking = inNode(compression) ?? byProgram(program, name);
  packed.on('error', (error) => unpacking.destroy(error));
  return packed.pipe(unpacking);
}

/** Returns a stream that decompresses the format, or undefined if this version of Node does not support it. */
function inNode(compression: Compression): Duplex | undefined {
  if (compression === 'gz') return zlib.createGunzip();
  const create: unknown = compression === 'zst' ? Reflect.get(zlib, 'createZstdDecompress') : undefined;
  const stream: unknown = typeof create === 'function' ? create() : undefined;
  return stream instanceof Duplex ? stream : undefined;
}

function byProgram(program: string, name: string): Duplex {
  const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8').slice(0, 1000);
  });
  child.stdin.on('error', () => {});
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.on('error', (cause) =>
    stream.destroy(
      new Problem({
        message: `${name} is compressed with ${program}, which is installed neither on the host nor on this machine.`,
        hint: `Install ${program} on one of them, or decompress the file first.`,
        cause,
      }),
    ),
  );
  child.on('close', (code) => {
    if (code !== 0 && code !== null) stream.destroy(new Error(`${program}: ${said.trim() || `code ${code}`}`));
  });
  return stream;
}
