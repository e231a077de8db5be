import { describe, expect, test } from 'vitest';
import type { OldSite } from '../../src/import/old-site.ts';
import { proposalOf } from '../../src/import/proposal.ts';

const site: OldSite = {
  domain: 'a.test',
  title: 'Debian GNU/Linux 12 (bookworm)',
  names: [],
  hasWww: true,
  root: '/srv/a',
  docroot: '.',
  user: 'www-data',
  php: { settings: {}, environment: [], remarks: [] },
  extensions: [],
  shared: [],
  leftBehind: [],
  items: [],
  cron: [],
  workers: [],
  remarks: [],
};

describe('a proposed configuration', () => {
  test.each([
    ['a.test', undefined],
    ['www.a.test', undefined],
    ['_', undefined],
    ['b.test', "aliases: ['b.test'],"],
    ['*.a.test', /^The name \*\.a\.test is not imported/],
    ['~^(www\\.)?a\\.test$', /is not imported: the names of a site are domains without wildcards\.$/],
    ['localhost', /^The name localhost is not imported/],
    ['192.0.2.1', /^The name 192\.0\.2\.1 is not imported/],
  ])('with the old name %s', (name, expected) => {
    const { text, remarks } = proposalOf({ ...site, names: [name] }, { app: './a.test', from: { kind: 'server', name: 'old.test' } });
    if (typeof expected === 'string') expect(text).toContain(expected);
    else expect(text).not.toContain('aliases');
    expect(remarks).toEqual(expected instanceof RegExp ? [expect.stringMatching(expected)] : []);
  });
});
