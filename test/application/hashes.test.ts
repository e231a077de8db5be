import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ignore from 'ignore';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hashFiles } from '../../src/application/hashes.ts';
import { filesBelow } from '../../src/application/tree.ts';
import { recallAnyOf } from '../../src/cache.ts';

let folder: string;
let cache: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hashes-'));
  cache = mkdtempSync(join(tmpdir(), 'cache-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
  for (const path of [folder, cache]) rmSync(path, { recursive: true });
});

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const read = async () => (await hashFiles(folder, await filesBelow(folder, ignore()))).map(({ hash }) => hash);
/** Makes the files look older, because their times are compared with the clock. */
const later = () => vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] });
const kept = () => readdirSync(cache, { recursive: true, encoding: 'utf8' }).filter((path) => /hashes\/./.test(path));

describe('hashes', () => {
  test('are kept for files that have not changed for a while', async () => {
    writeFileSync(join(folder, 'a'), 'one');
    later();
    expect(await read()).toEqual([sha('one')]);
    // They are written while the caller goes on.
    await vi.waitFor(() => expect(kept()).toEqual([expect.stringMatching(/\/[0-9a-f]{32}$/)]));
    const [path = ''] = kept();
    const before = statSync(join(cache, path)).mtimeMs;
    expect(await read()).toEqual([sha('one')]);
    expect(statSync(join(cache, path)).mtimeMs).toBe(before);
  });

  test('are not kept for a file that was just written, because the next write may leave the same time', async () => {
    writeFileSync(join(folder, 'a'), 'one');
    expect(await read()).toEqual([sha('one')]);
    // This waits for what is being written.
    expect(await recallAnyOf('', 'hashes')).toBeUndefined();
    expect(kept()).toEqual([]);
  });

  test.each<readonly [string, (path: string) => void]>([
    ['another content of the same length', (path) => writeFileSync(path, 'two')],
    [
      'the same time put back on another content',
      (path) => {
        const { atime, mtime } = statSync(path);
        writeFileSync(path, 'two');
        utimesSync(path, atime, mtime);
      },
    ],
    [
      'another file in its place',
      (path) => {
        rmSync(path);
        writeFileSync(path, 'two');
      },
    ],
  ])('are computed again for %s', async (_, change) => {
    const path = join(folder, 'a');
    writeFileSync(path, 'one');
    later();
    await read();
    change(path);
    expect(await read()).toEqual([sha('two')]);
  });

  test('are right if the cache is damaged or cannot be written', async () => {
    writeFileSync(join(folder, 'a'), 'one');
    later();
    await read();
    for (const path of kept()) writeFileSync(join(cache, path), `a\0x\0${'0'.repeat(64)}\nrubbish`);
    expect(await read()).toEqual([sha('one')]);
    vi.stubEnv('XDG_CACHE_HOME', '/dev/null');
    expect(await read()).toEqual([sha('one')]);
  });
});
