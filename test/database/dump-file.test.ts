import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeWhole } from '../../src/database/dump-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dump-file-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the file has its name when it is complete', async () => {
  const path = join(folder, 'a.sql');
  const during: string[] = [];
  await writeWhole(path, async (output) => {
    await pipeline(Readable.from(['one', 'two']), output);
    during.push(...readdirSync(folder));
  });
  expect(during).toEqual([expect.stringMatching(/^\.a\.sql\..*\.part$/)]);
  expect([readdirSync(folder), readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([['a.sql'], 'onetwo', 0o600]);
});

test('a failure leaves nothing, and a file that was there before stays', async () => {
  const path = join(folder, 'a.sql');
  writeFileSync(path, 'before');
  const writing = writeWhole(path, async (output) => {
    output.write('half');
    throw new Error('the connection is lost');
  });
  await expect(writing).rejects.toThrow('the connection is lost');
  expect([readdirSync(folder), readFileSync(path, 'utf8')]).toEqual([['a.sql'], 'before']);
});

test('a folder that does not exist is a problem', async () => {
  const writing = writeWhole(join(folder, 'none/a.sql'), (output) => pipeline(Readable.from(['x']), output));
  await expect(writing).rejects.toThrow(/none\/a\.sql cannot be written: ENOENT/);
});
