import { describe, expect, test } from 'vitest';
import { viewOf, viewProperties } from '../../playbooks/host/view.ts';
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

  test('a writable folder may have any name', () => {
    const [, , , , , line] = viewOf(siteOf(['my "50%" files']), folders, { kind: 'of-instance' }).split('\n');
    expect(line).toBe(`BindPaths="${home}/releases/%i/my \\"50%%\\" files":"${home}/current/my \\"50%%\\" files"`);
    const given = viewProperties(siteOf(['50%']), folders, { kind: 'given', release: 'aaa' });
    expect(given.at(-1)).toBe(`BindPaths=${home}/releases/aaa/50%:${home}/current/50%`);
  });
});
