import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noRouting } from '../../src/application/routing/routing.ts';
import { filesFolder } from '../../src/bundled/files.ts';
import { Secret } from '../../src/command/secret.ts';
import { hostWithEveryRole } from '../../src/config/inventory.ts';
import { letsEncrypt } from '../../src/config/lets-encrypt.ts';
import { complete } from '../../src/config-file/complete.ts';
import type { UserSite } from '../../src/config-file/define.ts';
import { Problem } from '../../src/error.ts';

let folder: string;
const here = process.cwd();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'complete-'));
  for (const name of ['one', 'two', 'config/three']) {
    mkdirSync(join(folder, name, 'public'), { recursive: true });
    writeFileSync(join(folder, name, 'public/index.php'), name);
  }
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(here);
  rmSync(folder, { recursive: true });
});

/** So many aliases. */
const many = (count: number) => Array.from({ length: count }, (_, index) => `alias-${index}.example`);

describe('complete', () => {
  test('by default, the bundled site is www.foobar.com', async () => {
    expect(await complete({}, {})).toEqual({
      name: 'foobar.com',
      hosts: [],
      sites: [
        {
          domain: 'foobar.com',
          names: ['www.foobar.com', 'foobar.com'],
          app: {
            source: expect.objectContaining({
              folder: join(filesFolder, 'site'),
              docroot: 'public',
              digest: expect.stringMatching(/^[0-9a-f]{64}$/),
            }),
            elsewhere: [],
            keys: [],
            variables: {},
            hooks: { before: [], after: [] },
            shared: [],
            written: [],
            writable: [],
            env: {},
            keep: 5,
            healthPath: '/',
            health: { status: 200, mayBeEmpty: true },
          },
          runtime: { kind: 'php', extensions: ['curl', 'gd', 'intl', 'mbstring', 'xml', 'zip'], settings: {} },
          limits: { body: 34, seconds: 60 },
          workers: {},
          cron: {},
          database: { engine: 'mysql', explicit: false, name: 'foobar_com', user: 'foobar_com', snapshots: true },
          https: {
            certificate: { kind: 'auto', acme: { directory: letsEncrypt.directory, rehearsal: letsEncrypt.staging } },
            guideline: 'intermediate',
            hsts: 63_072_000,
            proven: false,
            redirects: true,
          },
          web: {
            routing: { ...noRouting, routes: [{ kind: 'rewrite', from: '^/', to: '/index.php', for: 'no file' }] },
            policy: "frame-ancestors 'self'; base-uri 'self'",
            cache: 0,
            proxies: [],
          },
        },
      ],
      adopt: [],
      host: { firewall: true, ssh: true, upgrades: true, limits: true, passwords: true, integrity: true, hardening: true },
      packages: [],
    });
  });

  test('folders that may be written are so for every kind of application, and PHP’s rules for values do not apply to Python', async () => {
    const php = { writable: ['/mnt/media'] };
    const app = { runtime: 'python', env: { A: '"$x\\' } } as const;
    const { sites } = await complete(
      {
        sites: [
          { php, app },
          { domain: 'two.test', php, app: { runtime: 'static' } },
        ],
      },
      {},
    );
    expect(sites.map(({ runtime }) => runtime)).toEqual([{ kind: 'python', module: 'app:app', packages: [] }, { kind: 'static' }]);
    expect(sites[0].app.elsewhere).toEqual(['/mnt/media']);
  });

  test.each([
    [{ sandbox: false }, false],
    [{ sandbox: false, hardening: true }, true],
    [{ firewall: false }, true],
    [false, false],
  ] as const)('hardening goes by its former name too: %j', async (host, hardening) => {
    expect((await complete({ host }, {})).host.hardening).toBe(hardening);
  });

  test.each<readonly [string, UserSite, readonly string[]]>([
    ['by default', {}, ['php artisan migrate --force']],
    ['unless there are other hooks', { app: { hooks: { before: [] } } }, []],
    ['unless there is no database', { database: { engine: 'none' } }, []],
  ])('the migrations of a framework are applied before each release, %s', async (_, { app, ...site }, before) => {
    for (const path of ['artisan', 'bootstrap/app.php', 'public/index.php', 'database/migrations/a.php']) {
      mkdirSync(join(folder, 'laravel', dirname(path)), { recursive: true });
      writeFileSync(join(folder, 'laravel', path), '');
    }
    const { sites } = await complete({ ...site, app: { ...app, source: join(folder, 'laravel') } }, {});
    expect(sites[0].app.hooks.before).toEqual(before);
  });

  test('a settings file that an installer will write is shared, and does not replace a key of its own', async () => {
    const files = { '.env.example': '', 'config/app.php': "env('APP_KEY')", 'app/Http/Controllers/InstallController.php': '', artisan: '' };
    for (const [path, content] of Object.entries({ ...files, 'bootstrap/app.php': '', 'public/index.php': '' })) {
      mkdirSync(join(folder, 'shop', dirname(path)), { recursive: true });
      writeFileSync(join(folder, 'shop', path), content);
    }
    const { sites } = await complete({ app: { source: join(folder, 'shop') } }, {});
    expect(sites[0].app).toMatchObject({
      shared: ['storage', '.env'],
      written: ['.env'],
      keys: ['APP_KEY'],
      variables: { APP_URL: '{site}' },
    });
    const own = await complete({ app: { source: join(folder, 'shop'), shared: ['storage'], env: { APP_URL: 'https://cdn.test' } } }, {});
    expect(own.sites[0].app).toMatchObject({ shared: ['storage'], written: [], variables: {} });
  });

  test('an application that brings its database in a file needs no server, unless the configuration says so', async () => {
    const files = { '.env': 'DATABASE_URL=sqlite:///%kernel.project_dir%/data/a.sqlite', 'data/a.sqlite': '', 'bin/console': '' };
    for (const [path, content] of Object.entries({ ...files, 'config/bundles.php': '', 'public/index.php': '' })) {
      mkdirSync(join(folder, 'symfony', dirname(path)), { recursive: true });
      writeFileSync(join(folder, 'symfony', path), content);
    }
    const app = { source: join(folder, 'symfony') };
    const engines = await Promise.all(
      [{ app }, { app, database: { engine: 'mariadb' as const } }].map(async (site) => (await complete(site, {})).sites[0].database.engine),
    );
    expect(engines).toEqual(['none', 'mariadb']);
  });

  test('the command line takes precedence over the file, for the first site', async () => {
    const { name, hosts, sites } = await complete(
      {
        server: 'old',
        sites: [
          { domain: 'old.test', app: { source: '../two' }, php: { version: '8.1' }, database: { engine: 'none' } },
          { domain: 'b.test' },
        ],
      },
      { server: 'new', domain: 'www.new.test', app: 'one', php: '8.4', database: 'mariadb' },
      'config/foobar.config.ts',
    );
    expect({ name, hosts }).toEqual({ name: 'new.test', hosts: [hostWithEveryRole('new')] });
    expect(sites).toMatchObject([
      {
        domain: 'new.test',
        names: ['www.new.test', 'new.test'],
        app: { source: { folder: join(folder, 'one') } },
        runtime: { kind: 'php', version: '8.4' },
        limits: { body: 34, seconds: 60 },
        database: { engine: 'mariadb', explicit: true, name: 'new_test' },
      },
      { domain: 'b.test', database: { engine: 'mysql', explicit: false } },
    ]);
  });

  test.each([
    ['of the file is relative to the file', { app: { source: 'three' } }, {}, 'config/three'],
    ['of the file may lead out of its folder', { app: { source: '../two' } }, {}, 'two'],
    ['of the command line is relative to where one is', { app: { source: 'three' } }, { app: 'one' }, 'one'],
  ])('the application %s', async (_, user, overrides, expected) => {
    const { sites } = await complete(user, overrides, join('config', 'foobar.config.ts'));
    expect(sites[0].app.source.folder).toBe(join(folder, expected));
  });

  test.each([
    [{ domain: 'www.foobar.com' }, 'foobar.com', ['www.foobar.com', 'foobar.com']],
    [{ domain: 'foobar.com' }, 'foobar.com', ['foobar.com', 'www.foobar.com']],
    [{ domain: 'www.com' }, 'www.com', ['www.com', 'www.www.com']],
    [{ domain: 'shop.foobar.com', aliases: ['Shop.test'] }, 'shop.foobar.com', ['shop.foobar.com', 'shop.test']],
    [{ domain: 'foobar.com', www: false }, 'foobar.com', ['foobar.com']],
    [{ domain: 'Bücher.example' }, 'xn--bcher-kva.example', ['xn--bcher-kva.example', 'www.xn--bcher-kva.example']],
  ])('%j is %s', async (user, domain, names) => {
    expect((await complete(user, {})).sites[0]).toMatchObject({ domain, names });
  });

  test('what is in a shared folder is shared with it, however its path is written', async () => {
    const shared = ['storage', 'storage/logs', './uploads/', 'uploads', 'a/../b', 'storage2'];
    expect((await complete({ app: { shared } }, {})).sites[0].app.shared).toEqual(['storage', 'uploads', 'b', 'storage2']);
  });

  test.each([
    ['an invalid domain', { domain: 'foo bar' }, {}, 'is not a domain name'],
    ['an invalid alias', { aliases: ['x'] }, {}, '"x" is not a domain name'],
    ['an invalid PHP version', {}, { php: '8.4; id' }, '"8.4; id" is not a PHP version.'],
    ['an environment that an FPM pool cannot hold', { app: { env: { A: 'say "x"' } } }, {}, 'app.env.A must be without'],
    ['a secret that an FPM pool cannot hold', { app: { env: { A: new Secret('$x') } } }, {}, 'which an FPM pool cannot contain.'],
    [
      'a secret that a file of an environment cannot hold',
      { app: { runtime: 'python' as const, env: { A: new Secret('"') } } },
      {},
      'app.env.A',
    ],
    ['an application folder that does not exist', {}, { app: 'none' }, 'There is no application folder'],
    [
      'one name of two sites',
      { sites: [{ domain: 'a.test' }, { domain: 'b.test', aliases: ['www.a.test'] }] },
      {},
      'www.a.test is a name of two sites: a.test and b.test.',
    ],
    ['a domain too long for a socket', { domain: `${'a'.repeat(40)}.${'b'.repeat(27)}.de` }, {}, '.de is too long: it has 71 characters.'],
    ['an alias too long for nginx', { aliases: [`${'a.'.repeat(54)}com`] }, {}, '.com is too long: it has 111 characters.'],
    [
      'more names than a certificate can have',
      { aliases: many(100) },
      {},
      "foobar.com has 102 names, and a Let's Encrypt certificate can have at most 100.",
    ],
    ['one domain twice', { sites: [{ domain: 'a.test' }, { domain: 'www.a.test' }] }, {}, 'is a name of two sites'],
  ])('%s is a problem', async (_, user, overrides, message) => {
    const attempt = complete(user, overrides);
    await expect(attempt).rejects.toThrow(Problem);
    await expect(attempt).rejects.toThrow(message);
  });

  test('as many names as a certificate can have, and more where Let’s Encrypt is not asked', async () => {
    expect((await complete({ aliases: many(98) }, {})).sites[0].names).toHaveLength(100);
    for (const https of [false, 'self-signed', { directory: 'https://ca.example/dir' }] as const)
      expect((await complete({ aliases: many(120), https }, {})).sites[0].names).toHaveLength(122);
  });
});

describe('an application that cannot be built', () => {
  const two = (build: readonly string[], other: readonly string[] = []) => ({
    sites: [
      { domain: 'one.test', app: { source: 'one', build: [...build] } },
      { domain: 'two.test', app: { source: 'two', build: [...other] } },
    ],
  });
  const failuresOf = async (...given: Parameters<typeof complete>) =>
    (await complete(...given)).sites.map(({ app }) => app.failure?.message);
  const failure = 'The build step "exit 4" failed.';

  test('leaves out only its own site', async () => {
    expect(await failuresOf(two(['exit 4']), {})).toEqual([failure, undefined]);
    expect(await failuresOf(two([], ['exit 4']), {})).toEqual([undefined, failure]);
  });

  test('is not built if another site is named', async () => {
    expect(await failuresOf(two(['exit 4']), { site: 'two.test' })).toEqual([undefined, undefined]);
    await expect(complete(two(['exit 4']), { site: 'one.test' })).rejects.toThrow(failure);
  });

  test.each([
    ['the only one', { domain: 'one.test', app: { source: 'one', build: ['exit 4'] } }],
    ['all of several', two(['exit 4'], ['exit 4'])],
    ['one whose folder is missing', { sites: [{ domain: 'one.test', app: { source: 'none' } }, { domain: 'two.test' }] }],
  ])('ends the command if it is %s', async (_, user) => {
    await expect(complete(user, {})).rejects.toThrow(Problem);
  });
});
