import { describe, expect, test } from 'vitest';
import app from '../../playbooks/application/release.ts';
import account from '../../playbooks/application/user.ts';
import { php as runtime } from '../../playbooks/runtimes/php/php.ts';
import { type Config, type Facts, Problem, Secret } from '../../src/index.ts';
import { config } from './configs.ts';
import { bookworm, sid, trixie, ubuntu } from './hosts.ts';
import { contentOf, list } from './list.ts';
import { scopeOf } from './view.ts';

const php = runtime.playbook;

const packages = (version: string) => [
  `package:php${version}-fpm`,
  `package:php${version}-mysql`,
  `package:php${version}-intl`,
  `service:php${version}-fpm.service unless there before php${version}-fpm`,
  'directory:/usr/local/lib/foobar-provision/php 0755',
  `directory:/usr/local/lib/foobar-provision/php/${version} 0755`,
  `symlink:/usr/local/lib/foobar-provision/php/${version}/php -> /usr/bin/php${version}`,
  'directory:/var/log/php 0755 ours',
];

/** The folders that only PHP needs, and the rotation of its logs. */
const own = ({ domain = 'foobar.com', user = 'foobar_com' } = {}) => [
  `directory:/srv/www/${domain}/sessions 0700 ${user}:${user} ours`,
  `directory:/var/log/php/${domain} 0750 ${user}:adm ours`,
  'file:/usr/local/lib/foobar-provision/opcache.php 0644',
  `file:/etc/logrotate.d/${domain}-php 0644`,
];

const instanceOf = (wanted: Config, facts: Facts, index = 0) => {
  const site = wanted.sites[index] ?? wanted.sites[0];
  return runtime.instance(scopeOf(wanted, site), facts);
};

/** Returns the content of one file of the first site's instance. */
const written = (wanted: Config, facts: Facts, name: string) =>
  contentOf(app, wanted, facts, `/etc/foobar-provision/instances/${wanted.sites[0].domain}/${instanceOf(wanted, facts).id}/${name}`);

describe('php', () => {
  test.each([
    ['trixie', config(), trixie, [...packages('8.4'), ...own()]],
    ['bookworm', config(), bookworm, [...packages('8.2'), ...own()]],
    ['sid', config(), sid, [...packages('8.4'), ...own()]],
    ['Ubuntu 24.04', config(), ubuntu, [...packages('8.3'), ...own()]],
    ['a version in the configuration', config({ php: { version: '8.1' } }), trixie, [...packages('8.1'), ...own()]],
    [
      'no database',
      config({ database: { engine: 'none' } }),
      trixie,
      [...packages('8.4').filter((line) => !line.includes('mysql')), ...own()],
    ],
    [
      'two sites, which share the packages',
      config({}, { domain: 'two.test' }),
      trixie,
      [...packages('8.4'), ...own(), ...own({ domain: 'two.test', user: 'two_test' }).filter((line) => !own().includes(line))],
    ],
    ['files alone', config({ runtime: 'static' }), trixie, []],
    ['Python', config({ runtime: 'python' }), trixie, []],
    [
      'a host whose logs are its owner’s affair',
      { ...config(), host: { ...config().host, limits: false } },
      trixie,
      [...packages('8.4'), ...own().slice(0, 3)],
    ],
  ])('%s', (_, wanted, facts, expected) => {
    expect(list(php, wanted, facts)).toEqual(expected);
  });

  const full = config({
    app: { env: { APP_KEY: new Secret("it's"), APP_MODE: 'live; not a comment' } },
    php: { settings: { memory_limit: '256M', 'session.gc_maxlifetime': '7200' } },
  });
  test.each([
    ['4096', config(), trixie],
    ['512-of-two', config({ database: { engine: 'none' } }, { domain: 'two.test' }), { ...trixie, memory: 512, processors: 1 }],
    ['of-ones-own', full, trixie],
  ])('its pool: %s', async (name, wanted, facts) => {
    const { id } = instanceOf(wanted, facts);
    await expect(written(wanted, facts, 'fpm.conf').replaceAll(id, 'INSTANCE')).toMatchFileSnapshot(`expected/pool-${name}.conf`);
  });

  test('its unit', async () => {
    const { id } = instanceOf(config(), trixie);
    await expect(written(config(), trixie, `php-foobar.com-${id}@.service`).replaceAll(id, 'INSTANCE')).toMatchFileSnapshot(
      'expected/php.service',
    );
  });

  test('workers and scheduled commands have the same environment, except for the name of the release', () => {
    const pool = written(full, trixie, 'fpm.conf');
    const beside = written(full, trixie, 'environment').trim().split('\n');
    expect(beside).toContain('DB_PASSWORD="{{secret:foobar.com.database}}"');
    expect([...pool.matchAll(/^env\[(\w+)\] = (.*)$/gm)].map(([, name, value]) => `${name}=${value}`)).toEqual([
      ...beside,
      'APP_RELEASE=$APP_RELEASE',
    ]);
  });

  test.each([
    ['its memory', config(), { ...trixie, memory: 512 }],
    ['a setting', config({ php: { settings: { memory_limit: '256M' } } }), trixie],
    ['the environment', config({ app: { env: { A: 'b' } } }), trixie],
    ['an extension', config({ php: { extensions: ['intl', 'redis'] } }), trixie],
    ['the version', config({ php: { version: '8.3' } }), trixie],
  ])('another instance takes over for %s', (_, wanted, facts) => {
    expect(instanceOf(wanted, facts).id).not.toBe(instanceOf(config(), trixie).id);
  });

  test.each([
    ['another release', config({ source: { digest: 'f'.repeat(64) } })],
    ['a secret’s value', config({ app: { env: {} } })],
  ])('the same configuration serves %s', (_, wanted) => {
    expect(instanceOf(wanted, trixie).id).toBe(instanceOf(config(), trixie).id);
  });

  test('each release has a unit and a socket of its own', () => {
    const { id, unit, socket } = instanceOf(config({ source: { digest: 'f'.repeat(64) } }), trixie);
    expect([unit, socket]).toEqual([
      `php-foobar.com-${id}@ffffffffffff.service`,
      `/run/foobar-provision/foobar.com/${id}@ffffffffffff.sock`,
    ]);
  });

  test.each([
    ['4096', config(), trixie],
    ['512', config(), { ...trixie, memory: 512 }],
    ['of-ones-own', full, trixie],
  ])('its php.ini: %s', async (name, wanted, facts) => {
    const ini = written({ ...wanted, timezone: 'Europe/Berlin' }, facts, 'php.ini');
    await expect(ini).toMatchFileSnapshot(`expected/php-${name}.ini`);
  });

  test('a pool never has more idle workers than it may have workers, nor the sites together more than the database has connections', () => {
    const number = (text: string, name: string) => Number(new RegExp(`^${name} = (\\d+)`, 'm').exec(text)?.[1]);
    for (const memory of [128, 512, 1024, 4096, 262_144])
      for (const processors of [1, 2, 64])
        for (const count of [1, 2, 40]) {
          const sites = Array.from({ length: count - 1 }, (_, index) => ({ domain: `s${index}.test` }));
          const pool = written(config({}, ...sites), { ...trixie, memory, processors }, 'fpm.conf');
          const [children = 0, start = 0, least = 0, most = 0] = [
            'max_children',
            'start_servers',
            'min_spare_servers',
            'max_spare_servers',
          ].map((name) => number(pool, `pm.${name}`));
          expect(least).toBeGreaterThan(0);
          expect(start).toBeGreaterThanOrEqual(least);
          expect(most).toBeGreaterThanOrEqual(start);
          expect(children).toBeGreaterThanOrEqual(most);
          expect(children * 64).toBeLessThanOrEqual(Math.max(memory / 2, 256));
        }
  });

  test('a host whose package manager offers no PHP is a problem', () => {
    expect(() => list(php, config(), { ...trixie, packages: {} })).toThrow(Problem);
  });

  test.each(['a"b', 'a\nb', '$HOME', 'a\\'])('an environment that a pool cannot contain is refused: %j', (value) => {
    expect(() => list(app, config({ app: { env: { X: value } } }), trixie)).toThrow(/app\.env\.X/);
  });

  test('its health check asks a worker over the instance’s own socket', () => {
    const { id, unit } = instanceOf(config(), trixie);
    expect(php.health?.(scopeOf(config()), trixie)).toMatchObject([
      {
        hop: 'php-fpm',
        socket: `/run/foobar-provision/foobar.com/${id}@0123456789ab.sock`,
        release: { site: 'foobar.com', protocol: 'fastcgi' },
        path: '/fpm-ping',
        log: { text: expect.stringContaining(`-u ${unit}`) },
      },
    ]);
  });
});

describe('account', () => {
  const wants = ({ domain = 'foobar.com', user = 'foobar_com' } = {}) => [
    `group:${user}`,
    `user:${user} ${user} at /srv/www/${domain}`,
    'directory:/srv/www 0755',
    `directory:/srv/www/${domain} 0755`,
    `directory:/srv/www/${domain}/shared 0750 ${user}:www-data data`,
  ];
  test.each([
    ['one site', config(), wants()],
    [
      'a domain that is no user’s name',
      config({ domain: '1a.xn--mnchen-3ya.de' }),
      wants({ domain: '1a.xn--mnchen-3ya.de', user: '_1a_xn____mnchen__3ya_de' }),
    ],
    [
      'a secret of the application’s own',
      config({ app: { env: { KEY: new Secret('x'), MODE: 'live' } } }),
      wants().flatMap((line) => (line.startsWith('user:') ? [line, 'secret:foobar.com.env.KEY'] : [line])),
    ],
    [
      'two sites',
      config({}, { domain: 'two.test' }),
      [...wants(), ...wants({ domain: 'two.test', user: 'two_test' }).filter((line) => !wants().includes(line))],
    ],
  ])('%s', (_, wanted, expected) => {
    expect(list(account, wanted, trixie)).toEqual(expected);
  });
});

test.each([
  ['^8.2', undefined, []],
  ['~8.2.0', undefined, ['foobar.com requires PHP ~8.2.0 (composer.json), and it runs with PHP 8.4.']],
  ['~8.2.0', '8.2', []],
])('says that composer.json does not accept the version (%s, %s)', (engine, version, remarks) => {
  const wanted = config({ php: { engine, ...(version !== undefined && { version }) } });
  expect(php.remarks?.(scopeOf(wanted), trixie)).toEqual(remarks.map((remark) => expect.stringContaining(remark)));
});
