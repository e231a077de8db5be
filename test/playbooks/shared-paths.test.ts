import { describe, expect, test } from 'vitest';
import { mountedPaths, placeOfServed, servedAddresses, servedPaths } from '../../playbooks/host/shared-paths.ts';
import { config } from './configs.ts';

function siteOf({ runtime, docroot = 'public', links = {}, ...app }: Given) {
  const [site] = config({ ...(runtime && { runtime }), source: { docroot, links }, app }).sites;
  if (!site) throw new Error('no site');
  return site;
}

interface Given {
  readonly runtime?: 'static';
  readonly docroot?: string;
  readonly links?: Readonly<Record<string, string>>;
  readonly shared: readonly string[];
  readonly writable?: readonly string[];
}

describe('shared paths', () => {
  test.each<readonly [string, Given, readonly string[]]>([
    ['are mounted in the application', { shared: ['data', 'public/uploads'] }, ['data', 'public/uploads']],
    ['are not if nothing runs', { runtime: 'static', shared: ['public/uploads'] }, []],
    ['are not if the application could replace them by links', { shared: ['var/log', 'variety'], writable: ['var'] }, ['variety']],
    ['are not if they contain what nginx serves', { docroot: 'web/public', shared: ['web/public/files'] }, ['web/public/files']],
  ])('%s', (_, given, mounted) => {
    expect(mountedPaths(siteOf(given))).toEqual(mounted);
  });

  test.each<readonly [string, Given, Readonly<Record<string, string>>]>([
    ['where they are', { shared: ['data'] }, { data: 'data' }],
    [
      'by a link to one',
      { shared: ['storage'], links: { 'public/storage': '../storage/app/public', 'public/x': 'y' } },
      { 'public/storage': 'storage/app/public', storage: 'storage' },
    ],
    [
      'by a link to a folder above it',
      { shared: ['app/files'], links: { 'public/app': '../app/' } },
      { 'app/files': 'app/files', 'public/app/files': 'app/files' },
    ],
    [
      'by a link to a link',
      { shared: ['data'], links: { 'public/a': 'b', 'public/b': '../data' } },
      { data: 'data', 'public/a': 'data', 'public/b': 'data' },
    ],
    ['not by a link in one', { shared: ['data'], links: { 'data/x': '../data/y' } }, { data: 'data' }],
    ['not by links that form a loop', { shared: ['a/data'], links: { 'a/data/me': '..' } }, { 'a/data': 'a/data' }],
  ])('are reached %s', (_, given, served) => {
    expect(servedPaths(siteOf(given))).toEqual(served);
  });

  test('links around a folder are followed only a few times', () => {
    expect(Object.keys(servedPaths(siteOf({ shared: ['a/data'], links: { 'a/x': '.', 'a/y': '.' } }))).length).toBeLessThan(40);
  });

  test.each<readonly [string, Given, string | undefined]>([
    ['.', { docroot: '.', shared: ['a.b', 'my files'] }, '^/(?:a\\.b|my.{1,4}files)(?:/|$)'],
    ['public', { shared: ['data', 'public/uploads'] }, '^/(?:uploads)(?:/|$)'],
    ['public', { shared: ['data'] }, undefined],
  ])('have addresses below %s', (_, given, addresses) => {
    expect(servedAddresses(siteOf(given))).toBe(addresses);
  });

  test.each([
    ['.', '.foobar-provision/served'],
    ['public', '../.foobar-provision/served/public'],
    ['a/b', '../../.foobar-provision/served/a/b'],
  ])('below %s are in %s', (docroot, place) => {
    expect(placeOfServed(siteOf({ docroot, shared: [] }))).toBe(place);
  });
});
