import { describe, expect, test } from 'vitest';
import { noRouting, type Routing } from '../../src/application/routing/routing.ts';
import { routingOf } from '../../src/config-file/routing.ts';
import { Problem } from '../../src/error.ts';

const detected: Routing = {
  ...noRouting,
  routes: [{ kind: 'rewrite', from: '^/', to: '/index.php', for: 'no file' }],
  denials: [
    { pattern: '^/data(?:/|$)', of: 'all' },
    { pattern: '^/conf(?:/|$)', of: 'all' },
  ],
  headers: [{ name: 'X-Robots-Tag', value: 'none' }],
};

describe('the configuration takes precedence over what is detected', () => {
  test.each<readonly [string, Parameters<typeof routingOf>[0], Partial<Routing>]>([
    ['nothing is said', undefined, detected],
    [
      'routes',
      {
        routes: {
          '/admin/': '/admin/index.php',
          '/wiki/*': '/doku.php?id=$1',
          '/gone': 410,
          '/old/*.html': { redirect: 'https://a.example/$1', permanent: true },
        },
      },
      {
        routes: [
          { kind: 'rewrite', from: '^/admin/', to: '/admin/index.php', for: 'no file' },
          { kind: 'rewrite', from: '^/wiki/(.*)$', to: '/doku.php?id=$1', for: 'no file' },
          { kind: 'answer', from: '^/gone$', status: 410, for: 'no file' },
          { kind: 'redirect', from: '^/old/(.*)\\.html$', to: 'https://a.example/$1', for: 'all', permanent: true },
          ...detected.routes,
        ],
      },
    ],
    [
      'what is denied, and what is not any more',
      { deny: ['/private/', '/*.xml', '!/data/'] },
      {
        denials: [
          { pattern: '^/private(?:/|$)', of: 'all' },
          { pattern: '^/(.*)\\.xml$', of: 'all' },
          { pattern: '^/conf(?:/|$)', of: 'all' },
        ],
      },
    ],
    [
      'headers',
      { headers: { 'x-robots-tag': false, 'X-A': 'b' } },
      {
        headers: [
          { name: 'x-robots-tag', value: '' },
          { name: 'X-A', value: 'b' },
        ],
      },
    ],
  ])('%s', (_, web, expected) => {
    expect(routingOf(web, detected)).toMatchObject(expected);
  });

  test.each([
    { routes: { '/a"; x': '/b' } },
    { routes: { '/a b': '/b' } },
    { routes: { '/*a*b*c*d': '/b' } },
    { routes: { '/a': '/../b' } },
    { routes: { '/a': '/b$uri' } },
    { routes: { '/a': '/b; return 200' } },
    { routes: { '/a': { redirect: 'javascript:x' } } },
    { deny: ['/a$'] },
    { deny: ['!/a;'] },
  ])('%j is refused', (web) => {
    expect(() => routingOf(web, detected)).toThrow(Problem);
  });
});
