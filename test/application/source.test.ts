import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSource, type SourceOptions } from '../../src/application/source.ts';
import { Problem } from '../../src/error.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'source-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode: 0o644 });
  }
}
const source = (options: SourceOptions = {}) => readSource(folder, options, () => {});
const files = async (options: SourceOptions = {}) => (await source(options)).entries.map(({ path }) => path);

async function problem(options: SourceOptions = {}): Promise<string> {
  const error: unknown = await source(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Problem);
  return error instanceof Problem ? error.message : '';
}

describe('what is sent', () => {
  test('is every file, sorted, without version control and files of this machine', async () => {
    write({
      'b.php': '',
      'a/z.php': '',
      'a.php': '',
      'node_modules/x/index.js': '',
      'theme/node_modules/kept.js': '',
      '.git/HEAD': '',
      'sub/.git/HEAD': '',
      '.env': '',
      'sub/.env': '',
      '.htaccess': '',
      'x.swp': '',
      '.deployignore': '',
      '.DS_Store': '',
    });
    expect(await files()).toEqual(['.htaccess', 'a.php', 'a/z.php', 'b.php', 'sub/.env', 'theme/node_modules/kept.js']);
  });

  test.each([
    ['exclude', { exclude: ['*.psd', '/tmp/', '!keep.psd'] }, undefined],
    ['a .deployignore', {}, '# not these\n*.psd\n/tmp/\n!keep.psd\n'],
    ['both', { exclude: ['*.psd', '/tmp/'] }, '!keep.psd\n'],
  ])('by the rules of %s', async (_, options, ignore) => {
    write({
      'index.php': '',
      'a.psd': '',
      'sub/b.psd': '',
      'keep.psd': '',
      'tmp/x': '',
      'sub/tmp/x': '',
      ...(ignore && { '.deployignore': ignore }),
    });
    expect(await files(options)).toEqual(['index.php', 'keep.psd', 'sub/tmp/x']);
  });

  test('includes empty folders and folders whose content is excluded, but no excluded folders', async () => {
    write({ 'index.php': '', 'storage/logs/today.log': '', 'tmp/x': '', '.git/HEAD': '' });
    const without = (await source({ exclude: ['/storage/', '/tmp/'] })).digest;
    mkdirSync(join(folder, 'storage/cache/views'), { recursive: true });
    const found = await source({ exclude: ['*.log', '/tmp/'] });
    expect(found.entries.map(({ path, type }) => `${type} ${path}`)).toEqual(['f index.php', 'd storage/cache/views', 'd storage/logs']);
    expect([found.digest === without, found.size]).toEqual([false, 0]);
    rmSync(join(folder, 'index.php'));
    expect(await problem({ exclude: ['*.log', '/tmp/'] })).toMatch(/has no files to send/);
  });

  test('includes unusual names', async () => {
    write({
      'a b/ü.php': '',
      "it's": '',
      '..foo': '',
      '-x': '',
      '#x#': '',
      'a\nline': '',
      'a\\b': '',
      '"$HOME" `id`': '',
      '😀': '',
      '｡': '',
    });
    expect(await files()).toEqual(['"$HOME" `id`', '#x#', '-x', '..foo', 'a\nline', 'a b/ü.php', 'a\\b', "it's", '｡', '😀']);
  });

  test.each<readonly [string, () => void, string]>([
    ['a pipe', () => spawnSync('mkfifo', [join(folder, 'odd')]), 'it is not a file, a folder or a link'],
    [
      'a socket',
      () =>
        spawnSync('perl', ['-MSocket', '-e', 'socket S, PF_UNIX, SOCK_STREAM, 0; bind S, pack_sockaddr_un(shift)', join(folder, 'odd')]),
      'it is not a file, a folder or a link',
    ],
    [
      'a name of other bytes than UTF-8',
      () => writeFileSync(Buffer.concat([Buffer.from(`${folder}/o`), Buffer.from([0xff])]), ''),
      'its name is not UTF-8',
    ],
  ])('%s is refused', async (_, make, why) => {
    write({ 'index.php': '' });
    make();
    expect(await problem()).toMatch(new RegExp(`^".+" cannot be sent: ${why}\\.$`));
    expect(await files({ exclude: ['odd', 'o\ufffd'] })).toEqual(['index.php']);
  });

  test.skipIf(process.getuid?.() !== 0)('a device is refused (skipped for users who cannot create one)', async () => {
    write({ 'index.php': '' });
    // In some containers not even root can create one.
    if (spawnSync('mknod', [join(folder, 'odd'), 'c', '1', '3']).status !== 0) return;
    expect(await problem()).toBe('"odd" cannot be sent: it is not a file, a folder or a link.');
    expect(await files({ exclude: ['odd'] })).toEqual(['index.php']);
  });

  test('a mode only says whether the file is executable: no setuid, setgid or sticky bit', async () => {
    write({ plain: '', run: '' });
    const types = async () => (await source()).entries.map(({ path, type }) => `${path} ${type}`);
    chmodSync(join(folder, 'run'), 0o755);
    const ordinary = (await source()).digest;
    chmodSync(join(folder, 'run'), 0o7755);
    chmodSync(join(folder, 'plain'), 0o7644);
    expect([await types(), (await source()).digest]).toEqual([['plain f', 'run x'], ordinary]);
  });

  test.skipIf(process.getuid?.() === 0)('a file that cannot be read is named', async () => {
    write({ 'index.php': '' });
    chmodSync(join(folder, 'index.php'), 0);
    expect(await problem()).toBe('"index.php" cannot be sent: you may not read it.');
  });

  test('its size', async () => {
    write({ 'a.php': '123', 'b/c': '4567' });
    expect((await source()).size).toBe(7);
  });
});

describe('links', () => {
  test('within the application are sent', async () => {
    write({ 'a/b.php': '' });
    symlinkSync('a/b.php', join(folder, 'file'));
    symlinkSync('../a', join(folder, 'a/up'));
    symlinkSync('nowhere', join(folder, 'broken'));
    symlinkSync('a/up/b.php', join(folder, 'through'));
    expect(await files()).toEqual(['a/b.php', 'a/up', 'broken', 'file', 'through']);
  });

  test.each([
    ['/etc/passwd'],
    ['../x'],
    ['a/../../x'],
    // Through another link, in a folder above.
    ['deep/down/top/../x'],
    ['deep/down/far/x'],
  ])('to %s are refused', async (target) => {
    write({ 'index.php': '', 'deep/down/x': '' });
    symlinkSync('../..', join(folder, 'deep/down/top'));
    symlinkSync(target, join(folder, 'link'));
    if (target.includes('far')) {
      symlinkSync('/etc', join(folder, 'deep/down/far'));
      expect(await problem()).toBe('"deep/down/far" cannot be sent: it is a link that points out of the application, to /etc.');
      expect(await problem({ exclude: ['far'] })).toBe(
        `"link" cannot be sent: it is a link that points out of the application, to ${target}.`,
      );
      return;
    }
    expect(await problem()).toBe(`"link" cannot be sent: it is a link that points out of the application, to ${target}.`);
  });

  test('to themselves are refused', async () => {
    write({ 'index.php': '' });
    symlinkSync('b', join(folder, 'a'));
    symlinkSync('a', join(folder, 'b'));
    expect(await problem()).toBe('"a" cannot be sent: it is a link that points back to itself, through b.');
  });

  test('out of it may be left out', async () => {
    write({ 'index.php': '' });
    symlinkSync('/etc', join(folder, 'link'));
    expect(await files({ exclude: ['link'] })).toEqual(['index.php']);
  });
});

describe('the digest', () => {
  const base = { 'a.php': '1', 'b.php': '2' };

  test('is the same for the same files, wherever and whenever they are', async () => {
    write(base);
    const first = (await source()).digest;
    const elsewhere = `${folder}-moved`;
    renameSync(folder, elsewhere);
    utimesSync(join(elsewhere, 'a.php'), 1, 1);
    chmodSync(join(elsewhere, 'a.php'), 0o600);
    folder = elsewhere;
    expect((await source()).digest).toBe(first);
  });

  test.each<readonly [string, () => void]>([
    ['a content', () => write({ 'a.php': '3' })],
    ['a path', () => renameSync(join(folder, 'a.php'), join(folder, 'c.php'))],
    ['one more', () => write({ 'c.php': '' })],
    ['one less', () => rmSync(join(folder, 'a.php'))],
    ['a mode that lets it run', () => chmodSync(join(folder, 'a.php'), 0o755)],
    [
      'contents that change places',
      () => {
        write({ 'a.php': '2', 'b.php': '1' });
      },
    ],
    [
      'a link instead',
      () => {
        rmSync(join(folder, 'a.php'));
        symlinkSync('1', join(folder, 'a.php'));
      },
    ],
  ])('differs for %s', async (_, change) => {
    write(base);
    const first = (await source()).digest;
    change();
    expect((await source()).digest).not.toBe(first);
  });
});

describe('the docroot', () => {
  test.each([
    [{ 'public/index.php': '' }, {}, 'public'],
    [{ 'web/index.html': '', 'public/app.css': '' }, {}, 'web'],
    [{ 'index.php': '' }, {}, '.'],
    [{ 'public/index.php': '', 'dist/index.html': '' }, { docroot: 'dist' }, 'dist'],
    [{ 'a/b/index.php': '' }, { docroot: './a/b/' }, 'a/b'],
    [{ 'public/index.php': '' }, { docroot: '.' }, '.'],
  ])('of %j with %j is %s', async (paths, options, expected) => {
    write(paths);
    expect((await source(options)).docroot).toBe(expected);
  });

  test('that does not exist is a problem', async () => {
    write({ 'public/index.php': '' });
    expect(await problem({ docroot: 'publik' })).toContain('app.docroot is publik, but the files to send have no such folder');
  });
});

describe('migrations', () => {
  test('are the SQL files of their folder, in the order of their names', async () => {
    write({
      'migrations/0010_b.sql': 'b',
      'migrations/0002_a.sql': 'a',
      'migrations/README.md': '',
      'migrations/old/0001.sql': '',
      'x/migrations/1.sql': '',
    });
    expect((await source()).migrations).toEqual([
      { name: '0002_a.sql', digest: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb' },
      { name: '0010_b.sql', digest: '3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d' },
    ]);
  });

  test('whose name cannot be recorded are a problem', async () => {
    write({ "migrations/it's.sql": '' });
    expect(await problem()).toContain('has a name that cannot be recorded');
  });
});

describe('no application', () => {
  test('an empty folder', async () => {
    expect(await problem()).toContain('has no files to send');
  });

  test('a file', async () => {
    write({ a: '' });
    await expect(readSource(join(folder, 'a'), {}, () => {})).rejects.toThrow('is not a folder');
  });

  test('nothing', async () => {
    await expect(readSource(join(folder, 'none'), {}, () => {})).rejects.toThrow('There is no application folder');
  });
});

describe('an application that is only read', () => {
  test('is not built, and may lack what its build creates', async () => {
    write({ 'package.json': '{}' });
    const looked = await source({ build: ['exit 3'], docroot: 'dist', sendsNothing: true });
    expect([looked.docroot, looked.entries.map(({ path }) => path)]).toEqual(['dist', ['package.json']]);
    rmSync(join(folder, 'package.json'));
    expect((await source({ sendsNothing: true })).entries).toEqual([]);
  });
});

describe('build steps', () => {
  test('run on this machine, in order, before the files are read, and are shown line by line', async () => {
    write({ 'index.php': '' });
    const told: string[] = [];
    const built = await readSource(folder, { build: ['echo "made it" && touch one', 'test -e one && mv one two'] }, (line) =>
      told.push(line),
    );
    expect(built.entries.map(({ path }) => path)).toEqual(['index.php', 'two']);
    expect(told).toEqual(['build: echo "made it" && touch one', '  made it', 'build: test -e one && mv one two']);
  });

  test('that fail are a problem, with their output', async () => {
    write({ 'index.php': '' });
    const error: unknown = await source({ build: ['echo no such module >&2; exit 3'] }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ details: { commandExit: 3, stderr: 'no such module' } });
  });
});

describe('the files that are sent depend on the kind of application', () => {
  test("Laravel's development files are not sent, and its public disk is linked", async () => {
    write({
      artisan: '',
      'bootstrap/app.php': '',
      'bootstrap/cache/config.php': '',
      'bootstrap/cache/.gitignore': '',
      'public/index.php': '',
      'public/hot': 'http://localhost:5173',
      'storage/logs/laravel.log': '',
      'storage/framework/views/a.php': '',
      'storage/framework/views/.gitignore': '',
    });
    const found = await source();
    expect(found.entries.map(({ path, type }) => `${type} ${path}`)).toEqual([
      'f artisan',
      'f bootstrap/app.php',
      'f bootstrap/cache/.gitignore',
      'f public/index.php',
      'l public/storage',
      'f storage/framework/views/.gitignore',
      'd storage/logs',
    ]);
    expect(found.links).toEqual({ 'public/storage': '../storage/app/public' });
  });

  test('a link to the folder on this machine becomes relative', async () => {
    write({ artisan: '', 'bootstrap/app.php': '', 'public/index.php': '', 'storage/app/public/a.txt': '' });
    symlinkSync(join(folder, 'storage/app/public'), join(folder, 'public/storage'));
    symlinkSync(folder, join(folder, 'public/all'));
    expect((await source()).links).toEqual({ 'public/all': '..', 'public/storage': '../storage/app/public' });
  });

  test('YOURLS gets a user/config.php, unless it has one in its old place', async () => {
    write({ 'yourls-loader.php': '', 'yourls-api.php': '', 'includes/load-yourls.php': '' });
    expect(Object.keys((await source()).texts)).toEqual(['user/config.php']);
    write({ 'includes/config.php': '' });
    expect((await source()).texts).toEqual({});
  });

  describe('WordPress gets a wp-config.php', () => {
    const wordpress = { 'index.php': '', 'wp-load.php': '', 'wp-settings.php': '' };
    const below = (at: string) => Object.fromEntries(Object.entries(wordpress).map(([path, text]) => [`${at}/${path}`, text]));
    test.each<readonly [string, Readonly<Record<string, string>>, readonly string[]]>([
      ['where it has none', wordpress, ['wp-config.php']],
      ['but keeps its own', { ...wordpress, 'wp-config.php': '<?php // mine' }, []],
      ['in its own folder', below('htdocs'), ['htdocs/wp-config.php']],
      ['unless the folder above has one', { ...below('htdocs'), 'wp-config.php': '' }, []],
      ['in a folder of a site', { 'index.php': '', ...below('blog') }, ['blog/wp-config.php']],
    ])('%s', async (_, given, made) => {
      write(given);
      const found = await source();
      expect(Object.keys(found.texts)).toEqual(made);
      expect(found.entries.map(({ path }) => path)).toEqual([...Object.keys(given), ...made].sort());
      for (const path of made) expect(found.texts[path]).toContain("define('DB_PASSWORD', getenv('DB_PASSWORD'));");
    });
  });

  test("Symfony's .env is sent, unlike that of others, without a developer's secrets", async () => {
    write({ 'bin/console': '', 'config/bundles.php': '', 'public/index.php': '', '.env': '', '.env.local': '', 'var/cache/dev/a.php': '' });
    expect(await files()).toEqual(['.env', 'bin/console', 'config/bundles.php', 'public/index.php', 'var']);
    expect(await files({ exclude: ['/.env'] })).not.toContain('.env');
  });

  test("Symfony's .env says what the application needs", async () => {
    write({ 'bin/console': '', 'config/bundles.php': '', 'public/index.php': '', '.env': 'APP_SECRET=\n' });
    expect((await source()).recognized.keys).toEqual({ APP_SECRET: ['.env.local', '.env.local.php', '.env.prod.local'] });
  });
});

describe('an application of Node.js', () => {
  const server = "require('node:http').createServer().listen(3000)";
  const written = {
    'package.json': JSON.stringify({ name: 'a', version: '1.0.0', dependencies: { one: 'file:one' } }),
    'package-lock.json': JSON.stringify({
      name: 'a',
      version: '1.0.0',
      lockfileVersion: 3,
      packages: {
        '': { name: 'a', version: '1.0.0', dependencies: { one: 'file:one' } },
        'node_modules/one': { resolved: 'one', link: true },
        one: { version: '1.0.0' },
      },
    }),
    'one/package.json': JSON.stringify({ name: 'one', version: '1.0.0' }),
    'server.js': server,
  };
  const read = async (options: SourceOptions) => {
    const lines: string[] = [];
    const { entries } = await readSource(folder, options, (line) => lines.push(line));
    return { built: lines.filter((line) => line.startsWith('build: ')), paths: entries.map(({ path }) => path) };
  };

  test('gets its dependencies if they are missing, and they are sent', async () => {
    write(written);
    expect(await read({})).toMatchObject({ built: ['build: npm ci --omit=dev'], paths: expect.arrayContaining(['node_modules/one']) });
    expect((await read({})).built).toEqual([]);
  });

  test.each<readonly [string, SourceOptions]>([
    ['has a build of its own', { build: ['true'] }],
    ['is not sent', { sendsNothing: true }],
    ['is of another kind', { runtime: 'static' }],
  ])('does not get them if it %s', async (_, options) => {
    write(written);
    const { built, paths } = await read(options);
    expect(built.filter((line) => line.includes('npm'))).toEqual([]);
    expect(paths).not.toContain('node_modules/one');
  });
});
