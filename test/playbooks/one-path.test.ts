import { describe, expect, test } from 'vitest';
import { entering, viewOf, viewProperties } from '../../playbooks/host/view.ts';
import { config } from './configs.ts';

const siteOf = (writable: readonly string[]) => config({ app: { writable } }).sites[0];
const folders = ['/srv/www/foobar.com/sessions', '/var/log/php/foobar.com'];
const home = '/srv/www/foobar.com';

describe('the releases that a site’s process sees', () => {
  test('are one of them, at the path of the link to the live one, and what outlives them', () => {
    expect(viewProperties(siteOf([]), folders, { kind: 'given', release: 'aaa' })).toEqual([
      `TemporaryFileSystem=${home}:ro`,
      `BindReadOnlyPaths=${home}/releases/aaa:${home}/current`,
      `BindReadOnlyPaths=${home}/releases`,
      `BindPaths=${home}/shared ${home}/sessions`,
    ]);
  });

  test.each([
    ['the one that its unit is named after', { kind: 'of-instance' }, `${home}/releases/%i`],
    ['the one that is live', { kind: 'live' }, `${home}/current`],
  ] as const)('in a unit it is %s', (_, shown, release) => {
    const lines = viewOf(siteOf(['cache']), folders, shown).split('\n');
    expect(lines).toContain(`BindReadOnlyPaths=${release}:${home}/current`);
    expect(lines).toContain(`BindPaths=${release}/cache:${home}/current/cache`);
  });

  test('include the shared folders, if the release has links to them, and if the application cannot replace what they are mounted on', () => {
    const [site] = config({ app: { shared: ['files', 'a b/c', 'cache/pages'], writable: ['cache'] } }).sites;
    if (!site) throw new Error('no site');
    expect(viewProperties(site, folders, { kind: 'given', release: 'aaa' }).slice(-2)).toEqual([
      `BindPaths=-${home}/releases/aaa/.foobar-provision/mounts/files:${home}/current/files`,
      `BindPaths="-${home}/releases/aaa/.foobar-provision/mounts/a b/c":"${home}/current/a b/c"`,
    ]);
    expect(entering(site)).toBe(`/usr/local/lib/foobar-provision/enter ${home} `);
    expect(entering({ ...site, app: { ...site.app, shared: [] } })).toBe('');
  });

  test('a writable folder may have any name', () => {
    const [, , , , , line] = viewOf(siteOf(['my "50%" files']), folders, { kind: 'of-instance' }).split('\n');
    expect(line).toBe(`BindPaths="${home}/releases/%i/my \\"50%%\\" files":"${home}/current/my \\"50%%\\" files"`);
    const given = viewProperties(siteOf(['50%']), folders, { kind: 'given', release: 'aaa' });
    expect(given.at(-1)).toBe(`BindPaths=${home}/releases/aaa/50%:${home}/current/50%`);
  });
});
