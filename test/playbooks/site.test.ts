import { expect, test } from 'vitest';
import { site } from '../../playbooks/site.ts';
import { checksOf, gather } from '../../src/engine/playbook.ts';
import { config } from './configs.ts';
import { bookworm, sid, trixie, ubuntu } from './hosts.ts';

test('the server is these parts, in this order', () => {
  expect(site.map(({ name }) => name)).toEqual([
    'base',
    'firewall',
    'ssh',
    'upgrades',
    'limits',
    'passwords',
    'integrity',
    'mysql',
    'account',
    'php',
    'python',
    'nginx',
    'app',
    'workers',
    'https',
  ]);
});

test.each([trixie, bookworm, sid, ubuntu])('no two parts disagree on $title, for one site and for three', (facts) => {
  expect(gather(site, config(), facts).length).toBeGreaterThan(40);
  expect(gather(site, config({}, { domain: 'two.test' }, { domain: 'three.test' }), facts).length).toBeGreaterThan(80);
});

test.each([
  ['PHP', config({ app: { shared: ['public/uploads', '.env'], writable: ['var/cache'] } }, { domain: 'two.test' })],
  ['Python', config({ app: { runtime: 'python' }, source: { migrations: [{ name: '0001.sql', digest: 'x' }] } })],
  ['static files', config({ app: { runtime: 'static' } })],
  ['a cache', config({ web: { cache: 10, policy: '' } })],
])('of %s root makes nothing below a folder that is somebody else’s', (_, wanted) => {
  const resources = gather(site, wanted, trixie).map(({ resource }) => resource);
  const others = resources.flatMap(({ kind, id, attributes }) =>
    kind === 'directory' && JSON.stringify(attributes).includes('"owner":"root"') ? [] : kind === 'directory' ? [id] : [],
  );
  expect(others.length).toBeGreaterThan(0);
  expect(resources.filter(({ id }) => others.some((folder) => id.startsWith(`${folder}/`))).map(({ id }) => id)).toEqual([]);
});

test('every hop of the request path is checked, and those that sites share once', () => {
  expect(checksOf(site, config(), trixie).map(({ hop }) => hop)).toEqual(['mysql', 'php-fpm', 'dns', 'tcp', 'nginx', 'app']);
  expect(checksOf(site, config({}, { domain: 'two.test' }), trixie).filter(({ hop }) => hop === 'tcp')).toHaveLength(1);
});
