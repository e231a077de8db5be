import { describe, expect, test } from 'vitest';
import { rulesOf } from '../../playbooks/web/rules.ts';
import { notify } from '../../playbooks/web/server.ts';
import type { Routing } from '../../src/index.ts';
import { config, noRoutes } from './configs.ts';

function ruled(routing: Partial<Routing>, runtime: 'php' | 'python' | 'static' = 'php', entries: readonly string[] = []) {
  const [site] = config({
    runtime,
    web: { routing: { ...noRoutes, ...routing } },
    source: { entries: entries.map((path) => ({ path, type: 'f', hash: '' })) },
  }).sites;
  if (!site) throw new Error('no site');
  const [http = '', server = ''] = rulesOf(site, notify)
    .resources.filter(({ kind }) => kind === 'file')
    .map(({ attributes }) => (attributes as { readonly content: string }).content);
  return { http, server };
}

const toIndex = { kind: 'rewrite', from: '^/', to: '/index.php', for: 'no file' } as const;
const toAdmin = { kind: 'rewrite', from: '^/admin/', to: '/admin/index.php', for: 'no file' } as const;

describe('an application’s routing, as Nginx has it', () => {
  test.each<readonly [string, Partial<Routing>, 'php' | 'python' | 'static', readonly string[]]>([
    [
      'one front controller',
      { routes: [toIndex] },
      'php',
      [
        'try_files $uri $uri/ $foobar_com_otherwise;',
        'default /index.php$is_args$args;',
        'try_files $foobar_com_script /index.php$is_args$args;',
      ],
    ],
    ['none', {}, 'php', ['default @missing;', 'location @missing { return 404; }', 'try_files $foobar_com_script =404;']],
    [
      'several',
      { routes: [toAdmin, toIndex] },
      'php',
      [
        'default @front;',
        'location @front {\n    rewrite "^/admin/" "/admin/index.php" last;\n    rewrite "^/" "/index.php" last;\n    try_files /. =404;\n}',
      ],
    ],
    [
      'a parameter, and a query that replaces the visitor’s',
      { routes: [{ kind: 'rewrite', from: '^/(\\d+)$', to: '/a.php?n=$1', for: 'no file', query: 'replaced' }] },
      'php',
      ['rewrite "^/(\\d+)$" "/a.php?n=$1?" last;'],
    ],
    [
      'an installer',
      { routes: [toIndex], installer: { folder: 'installation', page: '/installation/index.php?view=setup' } },
      'php',
      [
        'set $foobar_com_installer "";\nif (-f $document_root/installation/index.php) { set $foobar_com_installer $request_uri; }\nif ($foobar_com_installer ~ "^/(?:installation/(?:index\\.php)?)?$") { return 302 /installation/index.php?view=setup; }',
      ],
    ],
    [
      'addresses that lead elsewhere in any case',
      {
        routes: [
          { kind: 'rewrite', from: '^/feed$', to: '/feed.php', for: 'all' },
          { kind: 'redirect', from: '^/o/(.*)$', to: '/n/$1', for: 'all', permanent: true },
          { kind: 'answer', from: '^/gone$', status: 410, for: 'all' },
        ],
      },
      'php',
      [
        'location ~ "^/feed$" { rewrite "^/feed$" "/feed.php" last; }',
        'location ~ "^/o/(.*)$" { rewrite "^/o/(.*)$" "/n/$1" permanent; }',
        'location ~ "^/gone$" { return 410; }',
      ],
    ],
    [
      'what is denied',
      {
        denials: [
          { pattern: '^/data(?:/|$)', of: 'all' },
          { pattern: '^/conf(?:/|$)', of: 'all' },
          { pattern: '\\.inc(?:/|$)', of: 'files' },
        ],
        routes: [toIndex],
      },
      'php',
      [
        'location ~ "^/data(?:/|$)|^/conf(?:/|$)" { return 404; }',
        'location ~ "\\.inc(?:/|$)" {\n    if (-f $request_filename) { return 404; }\n    try_files $uri/ /index.php$is_args$args;\n}',
      ],
    ],
    [
      'pages of its own',
      { errorPages: { 404: '/404.html' }, index: ['start.php'] },
      'php',
      ['error_page 404 /404.html;', 'index start.php index.php index.html index.htm;'],
    ],
    ['clean addresses', { cleanUrls: true }, 'static', ['try_files $uri $uri.html $uri/ $foobar_com_otherwise;', 'default @missing;']],
    [
      'a program in the browser',
      { cleanUrls: true, routes: [{ kind: 'rewrite', from: '^/', to: '/index.html', for: 'no file' }] },
      'static',
      ['default /index.html$is_args$args;', 'expires $foobar_expires;\n    try_files $uri =404;'],
    ],
    [
      'scripts, which files alone do not run',
      { routes: [toIndex] },
      'static',
      ['try_files $uri $uri/ $foobar_com_otherwise;', 'default @missing;'],
    ],
    [
      'routes of a program',
      { routes: [{ kind: 'answer', from: '^/a$', status: 404, for: 'no file' }] },
      'python',
      ['if ($uri ~ "^/a$") { return 404; }\n    try_files /. @application;'],
    ],
  ])('%s', (_, routing, runtime, expected) => {
    const { http, server } = ruled(routing, runtime);
    for (const text of expected) expect(http + server).toContain(text);
  });

  test('headers replace the default ones, and headers for some addresses do not affect others', () => {
    const { http, server } = ruled({
      headers: [
        { name: 'X-Frame-Options', value: '' },
        { name: 'X-Robots-Tag', value: 'none' },
        { name: 'Access-Control-Allow-Origin', value: '*', pattern: '\\.woff2$' },
      ],
    });
    expect(http).toContain('map $upstream_http_x_robots_tag $foobar_com_header_1 { "" "none"; }');
    expect(http).toContain('map $uri $foobar_com_header_2 { "~\\.woff2$" "*"; }');
    expect(server).not.toMatch(/X-Frame-Options|foobar-headers\.conf/);
    expect(server).toContain('add_header Referrer-Policy $foobar_referrer always;');
    expect(server).toContain(
      'add_header X-Robots-Tag $foobar_com_header_1 always;\nadd_header Access-Control-Allow-Origin $foobar_com_header_2 always;',
    );
  });

  test('a long list of denials is split into words that Nginx accepts', () => {
    const denials = Array.from({ length: 400 }, (_, index) => ({ pattern: `^/folder-${index}(?:/|$)`, of: 'all' as const }));
    const words = [...ruled({ denials }).server.matchAll(/location ~ "([^"]*)"/g)].map(([, word = '']) => word.length);
    expect(words.length).toBeGreaterThan(2);
    expect(Math.max(...words)).toBeLessThan(4000);
  });

  test('scripts of a release in a folder with a usual upload name are run, because nobody can write there', () => {
    expect(ruled({}, 'php', ['public/files/dl.php']).server).toContain('location ~* ^/(?:storage|uploads|wp-content/uploads)(?:');
  });
});

describe('the block for the front page and the front controller', () => {
  const block = 'location ~ ^/(?:index\\.php)?$ {';
  const index = { path: 'public/index.php', type: 'f', hash: '' } as const;
  const other = { path: 'public/home.php', type: 'f', hash: '' } as const;

  test.each<readonly [string, boolean, Partial<Routing>, Parameters<typeof config>[0]]>([
    ['if the release has /index.php', true, {}, {}],
    ['not without that file', false, {}, { source: { entries: [other] } }],
    ['not if another index file comes first', false, { index: ['home.php'] }, { source: { entries: [index, other] } }],
    ['if that other file does not exist', true, { index: ['home.php'] }, {}],
    ['not if the application can replace it', false, {}, { app: { writable: ['public/index.php'] } }],
    ['not if it is a link', false, {}, { source: { entries: [index], links: { 'public/index.php': '../front.php' } } }],
    ['not if a denial matches it', false, { denials: [{ of: 'files', pattern: '(?i)^/INDEX' }] }, {}],
    ['not if a route matches the front page', false, { routes: [{ kind: 'answer', from: '^/$', status: 410, for: 'all' }] }, {}],
    ['if the routes are for other addresses', true, { routes: [toAdmin, toIndex], denials: [{ of: 'all', pattern: '^/data/' }] }, {}],
    ['not if JavaScript does not know a pattern', false, { denials: [{ of: 'all', pattern: '^/(?>a)' }] }, {}],
    ['not for a static site', false, {}, { runtime: 'static' }],
  ])('%s', (_, expected, routing, given) => {
    const { app, source, ...more } = given ?? {};
    const [site] = config({
      ...more,
      web: { routing: { ...noRoutes, ...routing } },
      source: { entries: [index], ...source },
      ...(app && { app }),
    }).sites;
    if (!site) throw new Error('no site');
    const contents = rulesOf(site, notify).resources.map(({ attributes }) => (attributes as { readonly content?: string }).content ?? '');
    expect(contents.some((content) => content.includes(block))).toBe(expected);
  });
});
