import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dumpFile, dumpStream, sent } from '../../src/database/dump-source.ts';

const sql = 'CREATE TABLE `a` (`b` int);\n'.repeat(50);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dump-source-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function packed(program: string): Buffer | undefined {
  const { error, stdout } = spawnSync(program, ['-c'], { input: sql });
  return error ? undefined : stdout;
}

test.each([
  ['gz', 'gzip'],
  ['bz2', 'bzip2'],
  ['xz', 'xz'],
  ['zst', 'zstd'],
] as const)('a .%s is recognized by its content, and unpacked here only if the host has no %s', async (compression, program) => {
  const content = packed(program);
  if (content === undefined) return;
  const path = join(folder, 'dump.sql');
  writeFileSync(path, content);
  const dump = await dumpFile(path);
  expect(dump).toMatchObject({ compression, size: content.length });
  const asItIs = sent(dump, [program]);
  expect(asItIs.compression).toBe(compression);
  expect((await asItIs.read().toArray()).reduce((size: number, chunk: Buffer) => size + chunk.length, 0)).toBe(content.length);
  const unpacked = sent(dump, []);
  expect(unpacked.compression).toBe('plain');
  expect(await text(unpacked.read())).toBe(sql);
});

test.each([
  ['in one piece', [gzipSync(sql)]],
  ['in single bytes', [...gzipSync(sql)].map((byte) => Buffer.of(byte))],
])('a stream that arrives %s loses nothing', async (_, chunks) => {
  const dump = await dumpStream(Readable.from(chunks));
  expect(dump).toMatchObject({ compression: 'gz', size: undefined });
  expect(await text(sent(dump, []).read())).toBe(sql);
});

test('a short stream is a dump too', async () => {
  expect(await text((await dumpStream(Readable.from([Buffer.from('SELECT 1;')]))).read())).toBe('SELECT 1;');
});

test.each([
  ['', 'is empty'],
  ['PK\x03\x04', 'is a zip archive, which cannot be imported'],
  ['SQLite format 3\0', 'is a database of SQLite'],
  ['\x7fELF\0', 'is not a dump: it is neither text'],
])('%j is refused: %s', async (content, message) => {
  const path = join(folder, 'dump.sql');
  writeFileSync(path, content, 'latin1');
  await expect(dumpFile(path)).rejects.toThrow(message);
});

test('a damaged archive that is unpacked here is an error', async () => {
  const path = join(folder, 'dump.sql.gz');
  writeFileSync(path, gzipSync(sql).subarray(0, 40));
  const { read } = sent(await dumpFile(path), []);
  await expect(text(read())).rejects.toThrow('unexpected end of file');
});
