import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../src/command/secret.ts';
import { complete } from '../../src/config-file/complete.ts';
import { load } from '../../src/config-file/load.ts';
import { environmentsBeside, merged } from '../../src/config-file/overlay.ts';

const secret = new Secret('other');

test.each<readonly [string, object, object, object]>([
  ['a value', { domain: 'a.test' }, { domain: 'b.test' }, { domain: 'b.test' }],
  ['a key in an object', { app: { docroot: 'public', keep: 3 } }, { app: { keep: 9 } }, { app: { docroot: 'public', keep: 9 } }],
  ['a whole list', { aliases: ['a.test', 'b.test'] }, { aliases: ['c.test'] }, { aliases: ['c.test'] }],
  ['an object where there was none', {}, { php: { version: '8.4' } }, { php: { version: '8.4' } }],
  ['text by an object', { app: { source: './a' } }, { app: { source: { git: 'x' } } }, { app: { source: { git: 'x' } } }],
  ['nothing by undefined', { domain: 'a.test' }, { domain: undefined }, { domain: 'a.test' }],
  ['a secret as a whole', { app: { env: { K: new Secret('one') } } }, { app: { env: { K: secret } } }, { app: { env: { K: secret } } }],
  ['servers by server', { servers: { web: ['a'] } }, { server: 'b' }, { server: 'b' }],
  ['server by servers', { server: 'a' }, { servers: { web: ['b'] } }, { servers: { web: ['b'] } }],
  ['nothing of what every object has', {}, { app: { env: { constructor: 'x' } } }, { app: { env: { constructor: 'x' } } }],
])('an overlay replaces %s', (_, base, overlay, expected) => {
  expect(merged(base, overlay)).toEqual(expected);
});

describe('--env', () => {
  const library = () => import('../../src/index.ts');
  const here = process.cwd();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'overlay-'));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(here);
    rmSync(folder, { recursive: true });
  });

  test('reads the overlay beside the configuration', async () => {
    writeFileSync('foobar.config.ts', "export default { domain: 'a.test', php: { version: '8.4' } };");
    writeFileSync(
      'foobar.config.staging.ts',
      "import { defineOverlay } from 'foobar-provision';\nexport default defineOverlay({ domain: 'b.test' });",
    );
    expect(await load(library, undefined, 'staging')).toEqual({
      config: { domain: 'b.test', php: { version: '8.4' } },
      file: 'foobar.config.ts',
      overlay: 'foobar.config.staging.ts',
    });
    expect((await load(library)).config.domain).toBe('a.test');
  });

  test('reads the overlay of another file, and of none', async () => {
    writeFileSync('other.json', '{ "domain": "a.test" }');
    writeFileSync('other.test.json', '{ "aliases": ["c.test"] }');
    writeFileSync('foobar.config.test.json', '{ "domain": "d.test" }');
    expect((await load(library, 'other.json', 'test')).config).toEqual({ domain: 'a.test', aliases: ['c.test'] });
    expect(await load(library, undefined, 'test')).toEqual({ config: { domain: 'd.test' }, overlay: 'foobar.config.test.json' });
  });

  test('checks the whole, and names both files', async () => {
    writeFileSync('foobar.config.json', '{ "domain": "a.test" }');
    writeFileSync('foobar.config.test.json', '{ "domian": "b.test" }');
    await expect(load(library, undefined, 'test')).rejects.toThrow(
      /^foobar\.config\.json with foobar\.config\.test\.json is not a valid configuration:\n.*did you mean "domain"/,
    );
  });

  test.each([
    [
      'stagin',
      'There is no environment stagin: foobar.config.stagin.ts does not exist. The environments are staging; did you mean staging?',
    ],
    ['../x', 'There is no environment ../x: '],
  ])('says what there is instead of %s', async (name, message) => {
    writeFileSync('foobar.config.ts', 'export default {};');
    writeFileSync('foobar.config.staging.mjs', 'export default {};');
    writeFileSync('foobar.config.notes.txt', '');
    expect(environmentsBeside('foobar.config.ts')).toEqual(['staging']);
    await expect(load(library, undefined, name)).rejects.toThrow(message);
  });

  test.each<readonly [string, object, string | undefined]>([
    ['tells the application its name', {}, 'staging'],
    ['leaves the user’s own value', { env: { FOOBAR_ENV: 'mine' } }, 'mine'],
    ['tells a static site nothing', { runtime: 'static' }, undefined],
  ])('%s', async (_, app, value) => {
    writeFileSync('index.html', 'x');
    const user = { domain: 'a.test', app: { source: '.', runtime: 'php', ...app } } as const;
    const { sites } = await complete(user, { environment: 'staging' });
    expect(sites[0].app.env.FOOBAR_ENV).toBe(value);
    expect((await complete(user, {})).sites[0].app.env.FOOBAR_ENV).toBe(value === 'mine' ? 'mine' : undefined);
  });
});
