import { describe, expect, test } from 'vitest';
import php from '../../playbooks/php.ts';
import { Problem, Secret } from '../../src/index.ts';
import { config } from './configs.ts';
import { bookworm, sid, trixie, ubuntu } from './hosts.ts';
import { contentOf, list } from './list.ts';

const wants = (version: string, { domain = 'foobar.com', user = 'foobar-com' } = {}) => {
  const notify = `=> reload:php${version}-fpm.service`;
  const folder = `/etc/php/${version}/fpm`;
  return [
    `package:php${version}-fpm`,
    `package:php${version}-mysql`,
    `package:php${version}-intl`,
    `group:${user}`,
    `user:${user} ${user} at /srv/www/${domain}`,
    'directory:/srv/www 0755',
    `directory:/srv/www/${domain} 0755`,
    `directory:/srv/www/${domain}/shared 0750 ${user}:www-data data`,
    `directory:/srv/www/${domain}/shared/.sessions 0700 ${user}:${user} ours`,
    'directory:/var/log/php 0755',
    `directory:/var/log/php/${domain} 0750 ${user}:adm ours`,
    `file:${folder}/conf.d/90-foobar-provision.ini 0644 ${notify}`,
    `file:${folder}/pool.d/00-foobar-provision.conf 0644 ${notify}`,
    `file:${folder}/pool.d/www.conf absent (of php${version}-fpm) ${notify}`,
    `file:${folder}/pool.d/${domain}.conf 0600 filling ${domain}.database ${notify}`,
    `service:php${version}-fpm.service running enabled`,
  ];
};

describe('php', () => {
  test.each([
    ['trixie', config(), trixie, wants('8.4')],
    ['bookworm', config(), bookworm, wants('8.2')],
    ['sid', config(), sid, wants('8.4')],
    ['Ubuntu 24.04', config(), ubuntu, wants('8.3')],
    ['a version that is asked for', config({ php: { version: '8.1' } }), trixie, wants('8.1')],
    [
      'a domain that is no user’s name',
      config({ domain: '1a.xn--mnchen-3ya.de' }),
      trixie,
      wants('8.4', { domain: '1a.xn--mnchen-3ya.de', user: 'w1a-xn--mnchen-3ya-de' }),
    ],
    [
      'no database',
      config({ database: { engine: 'none' } }),
      trixie,
      wants('8.4').flatMap((line) => (line.startsWith('package:php8.4-mysql') ? [] : [line.replace(' filling foobar.com.database', '')])),
    ],
    [
      'a secret of the application’s own',
      config({ app: { env: { KEY: new Secret('x'), MODE: 'live' } } }),
      trixie,
      wants('8.4').flatMap((line) =>
        line.startsWith('user:')
          ? [line, 'secret:foobar.com.env.KEY']
          : [line.replace('filling foobar.com.database', 'filling foobar.com.database, foobar.com.env.KEY')],
      ),
    ],
    [
      'two sites, which share the server',
      config({}, { domain: 'two.test' }),
      trixie,
      [...wants('8.4'), ...wants('8.4', { domain: 'two.test', user: 'two-test' }).filter((line) => !wants('8.4').includes(line))],
    ],
  ])('%s', (_, wanted, facts, expected) => {
    expect(list(php, wanted, facts)).toEqual(expected);
  });

  const path = '/etc/php/8.4/fpm/pool.d/foobar.com.conf';
  const full = config({
    app: { env: { APP_KEY: new Secret("it's"), APP_MODE: 'live; not a comment' } },
    php: { settings: { memory_limit: '256M', 'session.gc_maxlifetime': '7200' } },
  });
  test.each([
    ['4096', config(), trixie],
    ['512-of-two', config({ database: { engine: 'none' } }, { domain: 'two.test' }), { ...trixie, memory: 512, processors: 1 }],
    ['of-ones-own', full, trixie],
  ])('its pool: %s', async (name, wanted, facts) => {
    await expect(contentOf(php, wanted, facts, path)).toMatchFileSnapshot(`expected/pool-${name}.conf`);
  });

  test.each([
    ['4096', trixie],
    ['512', { ...trixie, memory: 512 }],
  ])('its php.ini: %s', async (name, facts) => {
    const ini = contentOf(php, { ...config(), timezone: 'Europe/Berlin' }, facts, '/etc/php/8.4/fpm/conf.d/90-foobar-provision.ini');
    await expect(ini).toMatchFileSnapshot(`expected/php-${name}.ini`);
  });

  test('a pool never has more idle workers than it may have workers, nor the sites together more than the database has connections', () => {
    const number = (text: string, name: string) => Number(new RegExp(`^${name} = (\\d+)`, 'm').exec(text)?.[1]);
    for (const memory of [128, 512, 1024, 4096, 262_144])
      for (const processors of [1, 2, 64])
        for (const count of [1, 2, 40]) {
          const sites = Array.from({ length: count - 1 }, (_, index) => ({ domain: `s${index}.test` }));
          const pool = contentOf(php, config({}, ...sites), { ...trixie, memory, processors }, path);
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

  test('a host whose package manager has no PHP is told so', () => {
    expect(() => list(php, config(), { ...trixie, packages: {} })).toThrow(Problem);
  });

  test.each(['a"b', 'a\nb', '$HOME', 'a\\'])('an environment that a pool cannot hold is refused: %j', (value) => {
    expect(() => list(php, config({ app: { env: { X: value } } }), trixie)).toThrow(/app\.env\.X/);
  });

  test('its health is a worker’s answer over the site’s own socket', () => {
    expect(php.health?.({ config: config(), site: config().sites[0] }, trixie)).toMatchObject([
      { hop: 'php-fpm', socket: '/run/php/foobar.com.sock', path: '/fpm-ping', log: { text: 'tail -n 10 /var/log/php8.4-fpm.log' } },
    ]);
  });
});
