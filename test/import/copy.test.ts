import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesToCopy, parseHashes } from '../../src/import/copy.ts';
import { type Item, leadsOut, parseListing } from '../../src/import/listing.ts';
import { isUsableName, makeLinksHere, relativeTarget, unpackHere } from '../../src/import/local-copy.ts';

const file = (path: string, size = 1, seconds = 5): Item => ({ path, type: 'file', size, seconds, mode: 0o644, target: '' });
const link = (path: string, target: string): Item => ({ path, type: 'link', size: 0, seconds: 5, mode: 0o777, target });

describe('a list of files', () => {
  test('keeps names as bytes, whatever they are', () => {
    const name = Buffer.from([0x2e, 0x2f, 0xe4, 0x0a, 0x22]);
    const output = Buffer.concat([
      Buffer.from('d 4096 1.5 755\0.\0\0f 12 7.9 640\0'),
      name,
      Buffer.from('\0\0l 3 8.0 777\0./a\0b\0s 0 1.0 755\0./c\0\0'),
    ]);
    expect(parseListing(output)).toEqual([
      { ...file('\xe4\n"', 12, 7), mode: 0o640 },
      { ...link('a', 'b'), seconds: 8 },
      { ...file('c', 0, 1), type: 'other', mode: 0o755 },
    ]);
  });

  test.each([
    ['a missing file', [file('a')], {}, ['a']],
    ['a file of another size', [file('a', 2)], { a: { size: 1, seconds: 5 } }, ['a']],
    ['a file of another time', [file('a', 1, 6)], { a: { size: 1, seconds: 5 } }, ['a']],
    ['the same file', [file('a')], { a: { size: 1, seconds: 5 } }, []],
    ['a link', [link('a', 'b')], {}, []],
  ])('tells what to copy: %s', (_, items, there, expected) => {
    expect(filesToCopy(items, new Map(Object.entries(there))).map(({ path }) => path)).toEqual(expected);
  });
});

test('SHA-256 sums have the names that sha256sum escapes', () => {
  const hash = 'a'.repeat(64);
  expect([...parseHashes(Buffer.from(`${hash}  ./a b\n\\${hash}  ./c\\nd\\\\e\nsha256sum: x\n`)).keys()]).toEqual(['a b', 'c\nd\\e']);
});

describe('a link', () => {
  test.each([
    ['a', 'b', 'b'],
    ['d/a', '../b', '../b'],
    ['d/a', '../../b', undefined],
    ['a', '/srv/site/b', 'b'],
    ['d/a', '/srv/site', '..'],
    ['a', '/etc/passwd', undefined],
    ['a', '/srv/site-b', undefined],
  ])('%s to %s', (path, target, expected) => {
    expect(leadsOut({ path, target }, '/srv/site')).toBe(expected === undefined);
    expect(relativeTarget({ path, target }, '/srv/site')).toBe(expected);
  });
});

test.each([
  ['a/b', true],
  ['-rf', true],
  ['..', false],
  ['a/../b', false],
  ['/a', false],
  ['a//b', false],
  ['\xe4', false],
])('the name %j can be written here: %s', (path, expected) => {
  expect(isUsableName(path)).toBe(expected);
});

describe('a folder on this machine', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'foobar-import-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const archiveOf = (entries: Readonly<Record<string, string>>) => {
    const archive = pack();
    for (const [name, text] of Object.entries(entries)) archive.entry({ name }, text);
    archive.finalize();
    return archive.pipe(new PassThrough());
  };

  test('gets only the requested files, and none of them through a link', async () => {
    const site = join(folder, 'site');
    await makeLinksHere(site, [{ ...file('d'), type: 'folder' }], '/srv/site').catch(() => undefined);
    await symlink(folder, join(site, 'out')).catch(() => undefined);
    const hashes = await unpackHere(
      site,
      [file('d/a', 2), file('out/b', 2)],
      archiveOf({ './d/a': 'hi', './out/b': 'no', '../evil': 'x', './d/other': 'x' }),
    );
    expect([...hashes]).toEqual([
      ['d/a', createHash('sha256').update('hi').digest('hex')],
      ['out/b', createHash('sha256').update('no').digest('hex')],
    ]);
    expect(await readFile(join(site, 'd/a'), 'utf8')).toBe('hi');
    expect(Math.floor((await lstat(join(site, 'd/a'))).mtimeMs / 1000)).toBe(5);
    expect((await lstat(join(site, 'out'))).isDirectory()).toBe(true);
    for (const path of ['evil', 'b', 'site/d/other']) expect(await lstat(join(folder, path)).catch(() => 'missing')).toBe('missing');
  });

  test('has no link that leads out through another one', async () => {
    const site = join(folder, 'links');
    const items: readonly Item[] = [{ ...file('p'), type: 'folder' }, link('p/q', '..'), link('r', 'p/q/..'), link('fine', 'p')];
    expect(await makeLinksHere(site, items, '/srv/site')).toEqual(['r']);
    expect(await lstat(join(site, 'r')).catch(() => 'missing')).toBe('missing');
    expect((await lstat(join(site, 'fine'))).isSymbolicLink()).toBe(true);
  });
});
