import './plain.ts';
import { expect, test } from 'vitest';
import { releasesText } from '../../../src/cli/output/releases.ts';
import type { Release } from '../../../src/release/inventory.ts';

const facts = { createdAt: '', files: 3, size: 60_020_917, source: 'app', by: 'ann@desk' };
const release = (id: string, minute: number, more: Partial<Release> = {}): Release => ({
  id,
  at: new Date(2026, 10, 2, 3, minute),
  live: false,
  failed: false,
  ...more,
});

test('the table of releases marks the live, the failed and the previous release', () => {
  const releases = [
    release('cccc', 9, { failed: true, facts: { ...facts, source: 'odd\u001b[31m\nname' } }),
    release('bbbb', 8, { live: true, facts: { ...facts, source: 'git.test/shop', ref: 'main', commit: '0123456789abcdef' } }),
    release('aaaa', 7, { facts, turn: 1 }),
    release('9999', 6),
  ];
  expect(releasesText({ event: 'releases', host: 'web', site: 'foobar.com', releases }).join('\n')).toBe(
    [
      'foobar.com',
      '  ✖ cccc  2026-11-02 03:09  60.0 MB  odd name                            ann@desk  failed its health check and never went live; kept for inspection',
      '  ✔ bbbb  2026-11-02 03:08  60.0 MB  0123456789 (main of git.test/shop)  ann@desk  live',
      '    aaaa  2026-11-02 03:07  60.0 MB  app                                 ann@desk  previous: rollback goes back to it',
      '    9999  2026-11-02 03:06',
    ].join('\n'),
  );
  expect(releasesText({ event: 'releases', host: 'web', site: 'a.test', releases: [] }).join('\n')).toBe('a.test  no release yet');
});
