import { describe, expect, test } from 'vitest';
import { rulesOf } from '../../playbooks/web/rules.ts';
import nginx, { notify } from '../../playbooks/web/server.ts';
import { vhost } from '../../playbooks/web/vhost.ts';
import { remarksOf } from '../../src/engine/playbook.ts';
import { type Config, Problem } from '../../src/index.ts';
import { config } from './configs.ts';
import { bookworm, sid, trixie, ubuntu } from './hosts.ts';
import { contentOf, list } from './list.ts';
import { scopeOf, viewOf } from './view.ts';

const reload = '=> reload:nginx.service';
const wants = [
  'package:nginx',
  'directory:/etc/nginx/site.d 0755',
  'directory:/var/log/nginx 0755 root:adm',
  'directory:/etc/nginx/site.d/foobar.com 0755 data',
  `file:/etc/nginx/conf.d/foobar-provision.conf 0644 ${reload}`,
  `file:/etc/nginx/snippets/foobar-headers.conf 0644 ${reload}`,
  `file:/etc/nginx/snippets/foobar-connections.conf 0644 ${reload}`,
  `file:/etc/nginx/sites-available/foobar-default.conf 0644 ${reload}`,
  `symlink:/etc/nginx/sites-enabled/foobar-default.conf -> ../sites-available/foobar-default.conf ${reload}`,
  `file:/etc/nginx/sites-available/foobar.com.conf 0644 ${reload}`,
  `symlink:/etc/nginx/sites-enabled/foobar.com.conf -> ../sites-available/foobar.com.conf ${reload}`,
  `file:/etc/nginx/sites-enabled/default absent (of nginx-common) ${reload}`,
  'secret:host.token',
  'directory:/srv/www/foobar.com/proof 0755',
  'directory:/srv/www/foobar.com/proof/.well-known 0755',
  'file:/srv/www/foobar.com/proof/.well-known/foobar-provision 0644 filling host.token',
  'directory:/etc/systemd/system/nginx.service.d 0755',
  'file:/etc/systemd/system/nginx.service.d/10-foobar-provision.conf 0644 => restart:nginx.service',
  'service:nginx.service running enabled',
];

/** The rules of the first site: the part before its servers, and the part inside them. */
function ruled({ sites: [site] }: Config): string {
  if (!site) throw new Error('no site');
  return rulesOf(site, notify)
    .resources.filter(({ kind }) => kind === 'file')
    .map(({ attributes }) => (attributes as { readonly content: string }).content)
    .join('\n');
}

describe('nginx', () => {
  test.each([
    ['trixie', config(), trixie, wants],
    ['bookworm', config(), bookworm, wants],
    ['sid', config(), sid, wants],
    ['Ubuntu 24.04', config(), ubuntu, wants],
    [
      'two sites',
      config({}, { domain: 'two.test' }),
      trixie,
      [...wants, ...wants.filter((line) => line.includes('foobar.com')).map((line) => line.replaceAll('foobar.com', 'two.test'))],
    ],
  ])('%s', (_, wanted, facts, expected) => {
    expect(list(nginx, wanted, facts)).toEqual(expected);
  });

  const aliases = config({
    names: ['www.foobar.com', 'foobar.com', 'foobar.example', 'xn--mnchen-3ya.de'],
    app: { shared: ['media', 'var/log', 'wp content.d'] },
    source: { docroot: '.' },
  });
  test.each([
    ['site', config(), trixie, 'sites-available/foobar.com'],
    ['site-docroot-aliases-no-ipv6', aliases, { ...trixie, ipv6: false }, 'sites-available/foobar.com'],
    ['default', config(), trixie, 'sites-available/foobar-default'],
    ['default-no-ipv6', config(), { ...trixie, ipv6: false }, 'sites-available/foobar-default'],
  ])('its configuration: %s', async (name, wanted, facts, path) => {
    await expect(contentOf(nginx, wanted, facts, `/etc/nginx/${path}.conf`)).toMatchFileSnapshot(`expected/nginx-${name}.conf`);
  });

  test.each([
    ['application', config()],
    ['application-docroot-aliases', aliases],
    ['application-choices', config({ web: { cache: 5, logins: { paths: ['/wp-login.php', '/login'], perMinute: 6 } } })],
  ])('its rules for a release: %s', async (name, wanted) => {
    await expect(ruled(wanted)).toMatchFileSnapshot(`expected/nginx-${name}.conf`);
  });

  test.each([
    ['in the docroot', 'public', ['public/media', 'var'], 'files|storage|uploads|wp-content/uploads|media'],
    ['beside it', 'public', ['media'], 'files|storage|uploads|wp-content/uploads'],
    ['where all is served', '.', ['media', 'uploads'], 'files|storage|uploads|wp-content/uploads|media'],
    ['of a name that a pattern would misread', '.', ['a+b (c)'], 'files|storage|uploads|wp-content/uploads|a.b..c.'],
  ])('no PHP is run in shared folders %s', (_, docroot, shared, pattern) => {
    const wanted = config({ source: { docroot }, app: { shared } });
    expect(ruled(wanted)).toContain(`^/(?:${pattern})(?:/.*\\.ph`);
  });

  test('no PHP is run in a folder that the application may write', () => {
    const wanted = config({ source: { docroot: 'public' }, app: { writable: ['public/cache', 'var'] } });
    expect(ruled(wanted)).toContain('|wp-content/uploads|cache)(?:/.*\\.ph');
  });

  test.each([
    ['to it', { 'public/c': '../var/cache' }, 'c'],
    ['into it', { 'public/c': '../var/cache/pages' }, 'c'],
    ['above it', { 'public/c': '../var/' }, 'c'],
    ['to all', { 'public/c': '..' }, 'c'],
    ['to another link', { 'public/c': 'd', 'public/d': '../var' }, 'c|d'],
    ['back out of another link', { 'public/c': 'd/../x', 'public/d': '../other' }, 'c'],
    ['elsewhere', { 'public/c': '../src', 'public/e': './f/g' }, undefined],
  ])('no PHP is run where a link of the application leads %s', (_, links, names) => {
    const wanted = config({ source: { docroot: 'public', links }, app: { writable: ['var/cache'] } });
    const text = ruled(wanted);
    const pattern = /\^\/\(\?:files\|storage\|uploads\|wp-content\/uploads(?:\|([^)]*))?\)/.exec(text)?.[1];
    expect(pattern?.split('|').sort().join('|')).toBe(names);
  });

  const inRelease = { docroot: 'public', links: { 'public/link': 'file', 'public/a+b': 'c', 'other/link': 'x' } };
  test.each([
    ['a file', '/file.txt', false],
    ['a file in a folder', '/assets/app.css', false],
    ['a name that begins like a folder for uploads', '/uploads-of-others.css', false],
    ['a link outside of the docroot', '/other/link', false],
    ['a name with a line break', '/a\n/b', false],
    ['an upload', '/uploads/file.txt', true],
    ['an upload after a line break', '/a\n//uploads/file.txt', true],
    ['the folder for uploads', '/uploads', true],
    ['an upload in capitals', '/Uploads/file.txt', true],
    ['an upload after two slashes', '//uploads/file.txt', true],
    ['an upload after a dot', '/./uploads/file.txt', true],
    ['an upload by way of another folder', '/assets/../uploads/file.txt', true],
    ['what the application may write', '/cache/page.html', true],
    ['what it shares', '/media/photo.jpg', true],
    ['a link', '/link', true],
    ['below a link', '/link/file', true],
    ['a link of a name that a pattern would misread', '/a+b', true],
  ])('nginx looks for links where there may be one: %s', (_, address, isChecked) => {
    const text = ruled(config({ source: inRelease, app: { writable: ['public/cache'], shared: ['public/media'] } }));
    const root = /(\/etc\/nginx\/\S+\/live\/files\/public)(?:;|\s)/.exec(text)?.[1] ?? '';
    const pattern = /"~\*\(\?s\)(.*)" \$document_root\$uri;/.exec(text)?.[1] ?? '';
    expect(new RegExp(pattern, 'is').test(`${root}${address}`)).toBe(!isChecked);
    expect(new RegExp(pattern, 'is').test(`/srv/other${address}`)).toBe(false);
  });

  test('nginx looks for links everywhere in a release with more of them than a pattern can name', () => {
    const links = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`public/link-${n}`, 'file']));
    expect(ruled(config({ source: { docroot: 'public', links } }))).toContain('disable_symlinks if_not_owner from=$document_root;');
  });

  test.each(['public', '.'])('an application that may write the served folder is refused: %s', (writable) => {
    const wanted = config({ source: { docroot: 'public' }, app: { writable: [writable] } });
    expect(() => ruled(wanted)).toThrow(Problem);
  });

  const owned = (...words: readonly string[]) => [{ file: '/etc/nginx/sites-enabled/own.conf', words }];
  const both = [...owned('listen', '*:80', 'default_server'), ...owned('listen', '[::]:80', 'ipv6only=on', 'default_server')];
  const remark =
    '/etc/nginx/sites-enabled/own.conf defines the default server for unknown names (default_server). It stays, so ours is left out.';
  test.each([
    ['none', undefined, ['80', '[::]:80'], []],
    ['one for both families', both, undefined, [remark]],
    ['one for IPv4', owned('listen', '80', 'default_server'), ['[::]:80'], [remark]],
    ['an old word for one', owned('listen', '0.0.0.0', 'default'), ['[::]:80'], [remark]],
    ['one without an address', owned('listen', 'default_server'), ['[::]:80'], [remark]],
    ['one for IPv6', owned('listen', '[::]', 'default_server'), ['80'], [remark]],
    ['one for another port', owned('listen', '8080', 'default_server'), ['80', '[::]:80'], []],
    ['one for one address', owned('listen', '192.0.2.7:80', 'default_server'), ['80', '[::]:80'], []],
    ['our own', both.map((each) => ({ ...each, file: '/etc/nginx/sites-enabled/foobar-default.conf' })), ['80', '[::]:80'], []],
    ["the distribution's", both.map((each) => ({ ...each, file: '/etc/nginx/sites-enabled/default' })), ['80', '[::]:80'], []],
  ])('the owner has a default server: %s', (_, directives, expected, remarks) => {
    const facts = { ...trixie, ...(directives && { nginx: directives }) };
    const wanted = list(nginx, config(), facts);
    expect(wanted.filter((line) => line.includes('foobar-default'))).toHaveLength(expected ? 2 : 0);
    const text = expected && contentOf(nginx, config(), facts, '/etc/nginx/sites-available/foobar-default.conf');
    expect(text && [...text.matchAll(/listen (\S+) default_server;/g)].map(([, socket]) => socket)).toEqual(expected);
    expect(remarksOf([nginx], viewOf(config(), facts))).toEqual(remarks);
  });

  test.each([
    ['none', [], []],
    ['one', owned('listen', '192.0.2.7:80'), ['192.0.2.7:80']],
    ['one without a port, twice', [...owned('listen', '192.0.2.7'), ...owned('listen', '192.0.2.7:80', 'reuseport')], ['192.0.2.7:80']],
    ['one of IPv6', owned('listen', '[2001:db8::7]:80', 'ipv6only=on'), ['[2001:db8::7]:80']],
    ['one for another port', owned('listen', '192.0.2.7:8080'), []],
    ['all of a family', [...owned('listen', '0.0.0.0:80', 'default_server'), ...owned('listen', '[::]:80')], []],
  ])('the owner has an address for a server of its own: %s', (_, directives, expected) => {
    const text = contentOf(nginx, config(), { ...trixie, nginx: directives }, '/etc/nginx/sites-available/foobar.com.conf');
    expect([...text.matchAll(/listen (\S+);/g)].map(([, socket]) => socket)).toEqual(['80', '[::]:80', ...expected]);
  });

  test.each([
    ['nginx listens there alone', ['192.0.2.7:80'], ['[::]:80', '192.0.2.7:80'], ['[::]:80']],
    ['nginx listens everywhere', undefined, ['80', '[::]:80', '192.0.2.7:80'], ['80', '[::]:80']],
    ['nginx listens alone at another', ['192.0.2.9:80'], ['80', '[::]:80', '192.0.2.7:80'], ['80', '[::]:80']],
  ])('the owner has an address, and %s: a reload suffices', (_, nginxOnlyAt, expected, byDefault) => {
    const facts = { ...trixie, nginx: owned('listen', '192.0.2.7:80'), ...(nginxOnlyAt && { nginxOnlyAt }) };
    const listens = (file: string) =>
      [...contentOf(nginx, config(), facts, `/etc/nginx/sites-available/${file}.conf`).matchAll(/listen (\S+?)(?: default_server)?;/g)].map(
        ([, socket]) => socket,
      );
    expect([listens('foobar.com'), listens('foobar-default')]).toEqual([expected, byDefault]);
  });

  test.each(['variables_hash_max_size', 'variables_hash_bucket_size'])('%s is set once', (directive) => {
    const textWith = (facts: typeof trixie) => contentOf(nginx, config(), facts, '/etc/nginx/conf.d/foobar-provision.conf');
    expect(textWith(trixie)).toMatch(new RegExp(`^${directive} \\d+;$`, 'm'));
    const own = [{ file: '/etc/nginx/nginx.conf', words: [directive, '2048'] }];
    expect(textWith({ ...trixie, nginx: own })).not.toMatch(new RegExp(`^${directive} `, 'm'));
    expect(textWith({ ...trixie, nginx: own })).toContain('\nkeepalive_timeout ');
  });

  test.each([
    [undefined, true],
    [owned('server_names_hash_bucket_size', '64'), false],
    [[{ file: '/etc/nginx/conf.d/foobar-provision.conf', words: ['server_names_hash_bucket_size', '128'] }], true],
  ])('the size for names is set once: if the host says %j, ours is %s', (directives, expected) => {
    const text = contentOf(
      nginx,
      config(),
      { ...trixie, ...(directives && { nginx: directives }) },
      '/etc/nginx/conf.d/foobar-provision.conf',
    );
    expect(text.includes('\nserver_names_hash_bucket_size 128;\n')).toBe(expected);
  });

  test.each([
    ['none', undefined, true],
    ["the distribution's", [{ file: '/etc/nginx/sites-enabled/default', words: ['listen', '80', 'default_server'] }], true],
    ['only what every host has', [{ file: '/etc/nginx/nginx.conf', words: ['user', 'www-data'] }], true],
    ['another site', owned('server_name', 'own.test'), false],
    ['a setting that Nginx allows once', [{ file: '/etc/nginx/nginx.conf', words: ['gzip_types', 'text/css'] }], false],
  ])('how connections are kept changes nothing for others: the owner has %s', (_, directives, isShared) => {
    const facts = { ...trixie, ...(directives && { nginx: directives }) };
    const texts = ['conf.d/foobar-provision.conf', 'snippets/foobar-connections.conf'].map((path) =>
      contentOf(nginx, config(), facts, `/etc/nginx/${path}`),
    );
    expect(texts.map((text) => text.includes('\nkeepalive_timeout 75s;\n'))).toEqual([isShared, !isShared]);
    expect(texts.map((text) => text.includes('\ngzip on;\n'))).toEqual([false, !isShared]);
  });

  test('its health check uses the canonical name', () => {
    expect(nginx.health?.(scopeOf(aliases), trixie)).toMatchObject([
      { hop: 'dns', names: aliases.sites[0].names, required: false },
      { hop: 'tcp', port: 80 },
      { hop: 'nginx', host: 'www.foobar.com', path: '/.well-known/foobar-provision', contains: 'nginx serves foobar.com' },
    ]);
  });
});

test('comments do not grow with the names, because nginx refuses one of more than 4096 bytes', () => {
  const [site] = config().sites;
  if (!site) throw new Error('no site');
  const names = Array.from({ length: 120 }, (_, index) => `alias-${index}.of-a-rather-long-domain-name.test`);
  const text = vhost({ ...site, names }, trixie);
  const comments = text.split('\n').filter((line) => line.startsWith('#'));
  expect(Math.max(...comments.map(({ length }) => length))).toBeLessThan(4096);
  expect(text).toContain(`server_name ${names.join(' ')};`);
});

test.each([
  [undefined, '\nProtectHome=yes\nPrivateTmp=yes\n'],
  [{ written: ['/run', '/var/log/nginx', '/var/lib/nginx/proxy'], named: [] }, '-/var/cache/nginx\nProtectHome=yes\nPrivateTmp=yes\n'],
  [{ written: ['/data/logs'], named: [] }, '\nReadWritePaths="-/data/logs"\nProtectHome=yes\nPrivateTmp=yes\n'],
  [{ written: [], named: ['/home/bob/site'] }, '\nProtectHome=read-only\nPrivateTmp=yes\n'],
  [{ written: [], named: ['/tmp/app.sock'] }, '\nProtectHome=yes\nPrivateTmp=no\n'],
])("its hardening leaves open what the owner's own sites need: %j", (nginxPaths, expected) => {
  const facts = { ...trixie, ...(nginxPaths && { nginxPaths }) };
  expect(contentOf(nginx, config(), facts, '/etc/systemd/system/nginx.service.d/10-foobar-provision.conf')).toContain(expected);
});

describe('an nginx that its owner has set up another way', () => {
  const debian = ['mime.types', '/etc/nginx/modules-enabled/*.conf', '/etc/nginx/conf.d/*.conf', '/etc/nginx/sites-enabled/*'];
  test.each([
    ['as the package has it', { user: 'www-data', includes: debian }],
    ['with relative paths', { includes: ['conf.d/*.conf', 'sites-enabled/*.conf'] }],
  ])('serves the site: %s', (_, nginxMain) => {
    expect(() => list(nginx, config(), { ...trixie, nginxMain })).not.toThrow();
  });

  test.each([
    [
      'of nginx.org',
      { user: 'nginx', includes: ['/etc/nginx/mime.types', '/etc/nginx/conf.d/*.conf'] },
      'does not read /etc/nginx/sites-enabled,',
    ],
    [
      'of a tutorial',
      { user: 'www-data', includes: ['mime.types', 'sites-enabled/shop.conf'] },
      'does not read /etc/nginx/conf.d and /etc/nginx/sites-enabled,',
    ],
    ['with a user of its own', { user: 'nginx', includes: debian }, 'runs as nginx, but'],
  ])('is refused before any change: %s', (_, nginxMain, message) => {
    expect(() => list(nginx, config(), { ...trixie, nginxMain })).toThrow(message);
  });
});
