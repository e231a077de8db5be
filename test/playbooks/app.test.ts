import { describe, expect, test } from 'vitest';
import app from '../../playbooks/app.ts';
import { config } from './configs.ts';
import { trixie } from './hosts.ts';
import { list } from './list.ts';

const migrations = [
  { name: '0001_a.sql', digest: 'x' },
  { name: '0002_b.sql', digest: 'y' },
];
const digest = '0123456789abcdef'.repeat(4);
const releases = 'directory:/srv/www/foobar.com/releases 0755 ours';
const fill = `release:/srv/www/foobar.com/releases/0123456789ab of ${digest} by foobar-com`;
const live = 'live:/srv/www/foobar.com/current -> 0123456789ab, keeping 5';
const schema =
  'migrations:foobar_com as foobar_com by foobar.com.database from /srv/www/foobar.com/releases/0123456789ab/migrations of 0001_a.sql, 0002_b.sql';

describe('app', () => {
  test.each([
    ['files alone', config(), [releases, fill, live]],
    ['a schema, brought up to date before the switch', config({ source: { migrations } }), [releases, fill, schema, live]],
    ['a schema without a database', config({ source: { migrations }, database: { engine: 'none' } }), [releases, fill, live]],
    [
      'what outlives a release',
      config({ app: { shared: ['public/uploads', '.env'], keep: 3 } }),
      [releases, `${fill} sharing public/uploads, .env`, live.replace('keeping 5', 'keeping 3')],
    ],
    [
      'two sites of the same files',
      config({}, { domain: 'two.test' }),
      [
        releases,
        fill,
        live,
        ...[releases, fill, live].map((line) => line.replaceAll('foobar.com', 'two.test').replaceAll('foobar-com', 'two-test')),
      ],
    ],
  ])('%s', (_, wanted, expected) => {
    expect(list(app, wanted, trixie)).toEqual(expected);
  });

  test('its health is its own page, by its canonical name', () => {
    const wanted = config({ app: { healthPath: '/up' } });
    expect(app.health?.({ config: wanted, site: wanted.sites[0] }, trixie)).toMatchObject([
      { hop: 'app', port: 80, host: 'www.foobar.com', path: '/up', status: 200 },
    ]);
  });
});
