import { expect, test } from 'vitest';
import { site } from '../../playbooks/site.ts';
import { hostWithEveryRole } from '../../src/config/inventory.ts';
import { checksOf, gather, playbooksFor, remarksOf } from '../../src/engine/playbook.ts';
import { nameOf } from '../../src/engine/resource-id.ts';
import { aboutOf, type Role } from '../../src/index.ts';
import { config } from './configs.ts';
import { bookworm, sid, trixie, ubuntu } from './hosts.ts';
import { viewOf } from './view.ts';

test('the server has these playbooks, in this order', () => {
  expect(site.map(({ name }) => name)).toEqual([
    'base',
    'firewall',
    'ssh',
    'ssh keys',
    'upgrades',
    'limits',
    'passwords',
    'integrity',
    'mysql',
    'database-access',
    'database-client',
    'account',
    'mail',
    'cache',
    'php',
    'python',
    'node',
    'command',
    'nginx',
    'app',
    'workers',
    'https',
    'backups',
  ]);
});

const everywhere = ['base', 'firewall', 'ssh', 'ssh keys', 'upgrades', 'limits', 'passwords', 'integrity'];

test.each<readonly [Role, readonly string[]]>([
  ['database', ['mysql', 'database-access']],
  [
    'web',
    ['database-client', 'account', 'mail', 'cache', 'php', 'python', 'node', 'command', 'nginx', 'app', 'workers', 'https', 'backups'],
  ],
  // So far nothing is set up for these.
  ['balancer', []],
  ['cache', []],
])('a server with the role %s has these playbooks, and those of every server', (role, own) => {
  expect(playbooksFor({ name: 'host.test', roles: [role] }, site).map(({ name }) => name)).toEqual([...everywhere, ...own]);
});

test('a server with every role has every playbook', () => {
  expect(playbooksFor(hostWithEveryRole('host.test'), site)).toEqual(site);
});

test.each([trixie, bookworm, sid, ubuntu])('no two playbooks disagree on $title, for one site and for three', (facts) => {
  expect(gather(site, viewOf(config(), facts)).length).toBeGreaterThan(40);
  expect(gather(site, viewOf(config({}, { domain: 'two.test' }, { domain: 'three.test' }), facts)).length).toBeGreaterThan(80);
});

test.each([trixie, bookworm, ubuntu])('two configurations that know of each other agree about what they share, on $title', (facts) => {
  const secure = (guideline: 'modern' | 'intermediate') => ({ https: { certificate: { kind: 'self-signed' }, guideline } }) as const;
  const repository = (version: string, uris: string) => ({
    php: { version, repository: { uris, suites: 'x', components: 'main', key: 'a' } },
  });
  const one = {
    ...config({ domain: 'one.test', ...secure('intermediate') }, { domain: 'two.test', ...repository('8.0', 'https://one.test') }),
    timezone: 'Europe/Berlin',
    swap: 100,
  };
  const other = config({ domain: 'other.test', ...secure('modern'), ...repository('8.1', 'https://other.test') });
  const first = aboutOf(one);
  const second = aboutOf(other, [first]);
  const wanted = gather(site, viewOf(one, { ...facts, memory: 1024, others: [second] }));
  const ours = new Map(wanted.map(({ resource }) => [nameOf(resource), resource.attributes]));
  const shared = gather(site, viewOf(other, { ...facts, memory: 1024, others: [first] })).filter(({ resource }) =>
    ours.has(nameOf(resource)),
  );
  expect(shared.length).toBeGreaterThan(40);
  for (const { resource } of shared)
    expect([nameOf(resource), resource.attributes]).toEqual([nameOf(resource), ours.get(nameOf(resource))]);
  expect(shared.filter(({ resource }) => resource.exclusive).map(({ resource }) => nameOf(resource))).toEqual([]);
});

test('a second configuration learns who decides the host-wide settings, and whose sizes are outdated', () => {
  const first = { ...aboutOf({ ...config({ domain: 'one.test' }), name: 'first' }), timezone: 'Europe/Berlin' };
  expect(remarksOf(site, viewOf(config({ domain: 'other.test' }), { ...trixie, others: [first] }))).toEqual([
    'The configuration first was on this host first, so it decides the host-wide settings: time zone Europe/Berlin, locale as it is.',
    'The configuration first was last applied when this host had other sites: run it again, so that its share of the memory is right.',
  ]);
  expect(
    remarksOf(
      site,
      viewOf(config({ domain: 'other.test' }), {
        ...trixie,
        others: [{ ...first, timezone: undefined, shared: { php: 2, python: 0, queues: 0 } }],
      }),
    ),
  ).toEqual([]);
});

test.each([
  ['PHP', config({ app: { shared: ['public/uploads', '.env'], writable: ['var/cache'] } }, { domain: 'two.test' })],
  ['Python', config({ runtime: 'python', source: { migrations: [{ name: '0001.sql', digest: 'x' }] } })],
  ['Node.js', config({ runtime: 'node' })],
  ['a command', config({ runtime: 'command' })],
  ['static files', config({ runtime: 'static' })],
  ['a cache', config({ web: { cache: 10, policy: '' } })],
])('for %s root creates nothing below a folder of somebody else', (_, wanted) => {
  const resources = gather(site, viewOf(wanted, trixie)).map(({ resource }) => resource);
  const others = resources.flatMap(({ kind, id, attributes }) =>
    kind === 'directory' && JSON.stringify(attributes).includes('"owner":"root"') ? [] : kind === 'directory' ? [id] : [],
  );
  expect(others.length).toBeGreaterThan(0);
  // A shared folder is created by the site's user.
  const created = resources.filter(({ kind, id }) => kind !== 'shared-folder' && others.some((folder) => id.startsWith(`${folder}/`)));
  expect(created.map(({ id }) => id)).toEqual([]);
});

test('every hop of the request path is checked, and a shared one only once', () => {
  expect(checksOf(site, viewOf(config(), trixie)).map(({ hop }) => hop)).toEqual([
    'mysql',
    'php-fpm',
    'dns',
    'tcp',
    'nginx',
    'app',
    'visitor',
  ]);
  expect(checksOf(site, viewOf(config({}, { domain: 'two.test' }), trixie)).filter(({ hop }) => hop === 'tcp')).toHaveLength(1);
});
