import { describe, expect, test } from 'vitest';
import app from '../../playbooks/application/release.ts';
import { php } from '../../playbooks/runtimes/php/php.ts';
import { rulesOf } from '../../playbooks/web/rules.ts';
import { notify as reload } from '../../playbooks/web/server.ts';
import { type Config, releaseName } from '../../src/index.ts';
import { plainPhp } from '../application/recognized.ts';
import { config } from './configs.ts';
import { trixie } from './hosts.ts';
import { list } from './list.ts';
import { scopeOf } from './view.ts';

const migrations = [
  { name: '0001_a.sql', digest: 'x' },
  { name: '0002_b.sql', digest: 'y' },
];
const digest = '0123456789abcdef'.repeat(4);
const static_ = { runtime: 'static' } as const;
const folders = [
  'directory:/srv/www/foobar.com/releases 0755 ours',
  'directory:/usr/local/lib/foobar-provision 0755',
  'file:/usr/local/lib/foobar-provision/ask 0755',
  'file:/usr/local/lib/foobar-provision/enter 0755',
  'directory:/etc/foobar-provision/instances 0755',
  'directory:/etc/foobar-provision/instances/foobar.com 0755 ours',
];
/** The nginx rules of the release, between its files and its switch. */
const rules = ({ sites }: Config) => {
  const [first] = sites;
  if (!first) throw new Error('no site');
  const { folder } = rulesOf(first, reload);
  return [
    'directory:/etc/nginx/foobar-rules 0755',
    `directory:/etc/nginx/foobar-rules/${first.domain} 0755 ours`,
    `directory:${folder} 0755 ours`,
    ...['http', 'server'].map((name) => `file:${folder}/${name}.conf 0644 => reload:nginx.service`),
  ];
};
const fill = `release:/srv/www/foobar.com/releases/0123456789ab of ${digest} by foobar_com`;
const shares = releaseName({ source: { digest }, shared: ['public/uploads', '.env'], writable: [], hooks: { before: [], after: [] } });
const live = 'live:/srv/www/foobar.com/current -> 0123456789ab, keeping 5';
const schema =
  'migrations:foobar_com as foobar_com by foobar.com.database from /srv/www/foobar.com/releases/0123456789ab/migrations of 0001_a.sql, 0002_b.sql';
const contraction = schema.replace('foobar_com as', 'foobar_com after as').replace(/of .*/, 'of after/0003_c.sql');

describe('app', () => {
  test.each([
    ['files alone', config({ ...static_ }), [...folders, fill, live]],
    ['a schema, brought up to date before the switch', config({ ...static_, source: { migrations } }), [...folders, fill, schema, live]],
    [
      'what the release before needed goes after it',
      config({ ...static_, source: { migrations, contractions: [{ name: 'after/0003_c.sql', digest: 'z' }] } }),
      [...folders, fill, schema, live, contraction],
    ],
    ['a schema without a database', config({ ...static_, source: { migrations }, database: { engine: 'none' } }), [...folders, fill, live]],
    [
      'what outlives a release',
      config({ ...static_, app: { shared: ['public/uploads', '.env'], keep: 3 } }),
      [...folders, `${fill} sharing public/uploads, .env`, live.replace('keeping 5', 'keeping 3')].map((line) =>
        line.replaceAll('0123456789ab ', `${shares} `).replaceAll('0123456789ab,', `${shares},`),
      ),
    ],
    [
      'two sites of the same files',
      config({ ...static_ }, { domain: 'two.test', ...static_ }),
      [
        ...folders,
        fill,
        live,
        ...[folders[0] ?? '', folders[5] ?? '', fill, live].map((line) =>
          line.replaceAll('foobar.com', 'two.test').replaceAll('foobar_com', 'two_test'),
        ),
      ],
    ],
  ])('%s', (_, wanted, expected) => {
    const lines = list(app, wanted, trixie);
    expect(lines.filter((line) => !line.includes('/foobar-rules'))).toEqual(expected);
    expect(lines.slice(lines.indexOf(expected[6] ?? '') + 1)).toEqual(expect.arrayContaining(rules(wanted)));
  });

  test('the instance is started between the release and the switch to it', () => {
    const instance = php.instance(scopeOf(config()), trixie);
    const own = `/etc/foobar-provision/instances/foobar.com/${instance.id}`;
    const template = `php-foobar.com-${instance.id}@.service`;
    const notify = `=> reload:${instance.unit}`;
    expect(list(app, config({ source: { migrations } }), trixie)).toEqual([
      ...folders,
      fill,
      ...rules(config()),
      schema,
      `directory:${own} 0755`,
      `file:${own}/fpm.conf 0600 filling foobar.com.database ${notify}`,
      `file:${own}/php.ini 0644 ${notify}`,
      `file:${own}/environment 0600 filling foobar.com.database ${notify}`,
      `file:${own}/${template} 0644 ${notify}`,
      `service:${instance.unit} running enabled from ${own}/${template}`,
      `${live} by its instance`,
    ]);
  });

  test('its health check requests its own page by its canonical name', () => {
    const wanted = config({ app: { healthPath: '/up' } });
    expect(app.health?.(scopeOf(wanted), trixie)).toMatchObject([
      { hop: 'app', port: 80, host: 'www.foobar.com', path: '/up', status: 200 },
      { hop: 'visitor', host: 'www.foobar.com', path: '/up', names: ['www.foobar.com', 'foobar.com'] },
    ]);
  });

  test.each<readonly [string, Parameters<typeof config>[0], string]>([
    [
      'its front page',
      {},
      'Complete the set-up at http://www.foobar.com/ before anybody else does. Its database is foobar_com on localhost, for the user foobar_com; `cat /etc/foobar-provision/secrets/foobar.com.database` on the host shows the password.',
    ],
    [
      'its installer',
      { database: { engine: 'none' }, source: { recognized: { ...plainPhp, installer: '/install.php' } } },
      'Complete the set-up at http://www.foobar.com/install.php before anybody else does.',
    ],
  ])('where it is not set up, verify names %s', (_, given, expected) => {
    expect(app.health?.(scopeOf(config(given)), trixie)?.[0]).toMatchObject({ whenUnfinished: expected });
  });
});

test.each([
  ['migrations', 'migrations'],
  ['hooks', 'live'],
])('%s see their release and what it shares, and nothing else of /srv/www', (_, kind) => {
  const site = config({ source: { migrations } });
  const made = app.resources(scopeOf(site), trixie).find((resource) => resource.kind === kind);
  const text = JSON.stringify(made?.attributes);
  expect(text).toContain('"TemporaryFileSystem=/srv/www:ro"');
  expect(text).toMatch(/"BindReadOnlyPaths=\/srv\/www\/foobar\.com\/releases\/[0-9a-f]+:\/srv\/www\/foobar\.com\/current"/);
  expect(text).toMatch(/"BindPaths=\/srv\/www\/foobar\.com\/shared[ "]/);
});
