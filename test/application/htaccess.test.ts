import { describe, expect, test } from 'vitest';
import { readHtaccess } from '../../src/application/htaccess/read.ts';

/** Returns the translation of the `.htaccess` files of a served folder. */
function read(texts: Readonly<Record<string, string>>, docroot = '.') {
  const has = (path: string) => path in texts;
  return readHtaccess({ has, paths: Object.keys(texts), text: (path) => texts[path] ?? '' }, docroot);
}

const rewrite = (text: string) => read({ '.htaccess': `RewriteEngine On\n${text}` });

/** `no file ^/ > /index.php`. */
function routes({ routes: found }: ReturnType<typeof read>): readonly string[] {
  return found.map((route) => {
    const to = route.kind === 'answer' ? `${route.status}` : `${route.to}${route.query ? ' (query replaced)' : ''}`;
    const how = route.kind === 'redirect' ? (route.permanent ? 'permanently ' : 'temporarily ') : '';
    return `${route.for}: ${route.from} > ${how}${to}`;
  });
}

const noFile = 'RewriteCond %{REQUEST_FILENAME} !-f\nRewriteCond %{REQUEST_FILENAME} !-d\n';
const wordpress = `RewriteBase /
RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]
RewriteRule ^index\\.php$ - [L]
${noFile}RewriteRule . /index.php [L]`;
const network = `RewriteBase /
RewriteRule ^index\\.php$ - [L]
RewriteRule ^([_0-9a-zA-Z-]+/)?wp-admin$ $1wp-admin/ [R=301,L]
RewriteCond %{REQUEST_FILENAME} -f [OR]
RewriteCond %{REQUEST_FILENAME} -d
RewriteRule ^ - [L]
RewriteRule . index.php [L]`;

/** What is read of lines that say nothing for Nginx. */
const untranslated = { routes: [], denials: [], headers: [], errorPages: {}, index: [], settings: {}, environment: {}, remarks: [] };

describe('rewriting is translated', () => {
  test.each<readonly [string, string, readonly string[]]>([
    ['a front controller', `${noFile}RewriteRule ^ index.php [L]`, ['no file: ^/ > /index.php']],
    ['the same for everything', `${noFile}RewriteRule ^(.*)$ /index.php [QSA,L]`, ['no file: ^/ > /index.php']],
    ['the address as a parameter', `${noFile}RewriteRule ^(.*)$ index.php?q=$1 [L,QSA]`, ['no file: ^/(.*)$ > /index.php?q=$1']],
    [
      'a query that replaces the visitor’s',
      `${noFile}RewriteRule ^a/(\\d+)$ a.php?n=$1 [L]`,
      ['no file: ^/a/(\\d+)$ > /a.php?n=$1 (query replaced)'],
    ],
    ['the address behind the script', `${noFile}RewriteRule ^(.*)$ index.php/$1 [L]`, ['no file: ^/(.*)$ > /index.php/$1']],
    ['WordPress', wordpress, ['no file: ^/ > /index.php']],
    ['a network of WordPress', network, ['all: ^/([_0-9a-zA-Z-]+/)?wp-admin$ > permanently /$1wp-admin/', 'no file: ^/ > /index.php']],
    [
      'slashes at the end',
      `RewriteCond %{REQUEST_FILENAME} !-d\nRewriteRule ^(.*)/$ /$1 [L,R=301]`,
      ['no file: ^/(.*)/$ > permanently /$1'],
    ],
    [
      'slashes at the end, by the condition',
      `RewriteCond %{REQUEST_FILENAME} !-d\nRewriteCond %{REQUEST_URI} (.+)/$\nRewriteRule ^ %1 [L,R=301]`,
      ['no file: ^/(.+)/$ > permanently /$1'],
    ],
    [
      'all but some addresses',
      `${noFile}RewriteCond %{REQUEST_URI} !^/(favicon\\.ico|touch.*\\.png)$\nRewriteRule (.+) index.php [L]`,
      ['no file: ^(?!/(?:favicon\\.ico|touch.*\\.png)$)/ > /index.php'],
    ],
    [
      'some addresses alone',
      `RewriteCond %{REQUEST_URI} ^/api/\nRewriteCond %{REQUEST_URI} !^/api/index\\.php\n${noFile}RewriteRule .* api/index.php [L]`,
      ['no file: ^(?=/api/)/ > /api/index.php'],
    ],
    ['another file in its place', 'RewriteRule ^feed/?$ feed.php [NC,L]', ['all: (?i)^/feed/?$ > /feed.php']],
    [
      'a redirect',
      'RewriteRule ^old/(.*)$ https://example.com/new/$1 [R=301,L]',
      ['all: ^/old/(.*)$ > permanently https://example.com/new/$1'],
    ],
    ['addresses that no further rule is for', 'RewriteRule ^static/ - [L]', ['no file: ^/static/ > 404']],
    ['what is gone', 'RewriteRule ^old$ - [G]', ['all: ^/old$ > 410']],
    ['nothing where it is off', 'RewriteEngine Off', ['all: ^/a$ > /b']],
  ])('%s', (_, text, expected) => {
    const found = rewrite(`${text}${text.includes('Off') ? '\nRewriteEngine On\nRewriteRule ^a$ b' : ''}`);
    expect(routes(found)).toEqual(expected);
    expect(found.remarks).toEqual([]);
  });

  test('for a folder, below its address', () => {
    const found = read(
      {
        'web/blog/.htaccess': `RewriteEngine On\n${noFile}RewriteRule ^(.*)$ index.php?p=$1`,
        '.htaccess': 'RewriteEngine On\nRewriteRule ^a$ b',
      },
      'web',
    );
    expect(routes(found)).toEqual(['no file: ^/blog/(.*)$ > /blog/index.php?p=$1 (query replaced)']);
  });
});

describe('directives for what Nginx and this program do anyway cause no remark', () => {
  test.each([
    'RewriteCond %{HTTPS} off\nRewriteRule ^(.*)$ https://%{HTTP_HOST}%{REQUEST_URI} [L,R=301]',
    'RewriteCond %{HTTP:Authorization} .\nRewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]',
    'RewriteCond %{REQUEST_URI}::$1 ^(/.+)/(.*)::\\2$\nRewriteRule ^(.*) - [E=BASE:%1]',
    'RewriteCond %{ENV:REDIRECT_STATUS} ^$\nRewriteRule ^index\\.php(?:/(.*)|$) %{ENV:BASE}/$1 [R=301,L]',
    'RewriteRule "(^|/)\\." - [F]',
    'RewriteRule "/\\.|^\\.(?!well-known/)" - [F]',
    'Options -Indexes +FollowSymLinks\nAddDefaultCharset utf-8\nExpiresActive On\nFileETag None\nAddType font/woff2 .woff2',
    '<IfModule mod_expires.c>\nExpiresByType text/css "access plus 1 year"\n</IfModule>',
    '<IfModule !mod_rewrite.c>\nErrorDocument 404 index.php\nRedirectMatch 302 ^/$ /index.php/\n</IfModule>',
    'Header set X-Content-Type-Options nosniff\nHeader unset ETag\nHeader unset X-Powered-By',
    'php_flag magic_quotes_gpc off\nphp_flag register_globals off',
    'AddHandler application/x-httpd-ea-php82 .php',
    'Require all granted',
    'Order allow,deny\nAllow from all',
  ])('%s', (text) => {
    expect(rewrite(text)).toEqual(untranslated);
  });
});

describe('addresses are denied', () => {
  const denied = 'Require all denied';
  test.each<readonly [string, Readonly<Record<string, string>>, readonly string[], readonly string[], readonly string[]]>([
    ['a folder', { 'data/.htaccess': denied }, ['/data', '/data/', '/data/a.txt', '/data/b/c.php'], ['/database', '/x/data/a'], []],
    ['in the words of Apache 2.2', { 'data/.htaccess': 'order deny,allow\ndeny from all' }, ['/data/a'], ['/a'], []],
    ['by the order alone', { 'data/.htaccess': 'Order Allow,Deny' }, ['/data/a'], [], []],
    [
      'in both words',
      {
        'd/.htaccess':
          '<IfModule mod_authz_core.c>\nRequire all denied\n</IfModule>\n<IfModule !mod_authz_core.c>\nDeny from all\n</IfModule>',
      },
      ['/d/a'],
      [],
      [],
    ],
    [
      'but a folder in it',
      { 'd/.htaccess': denied, 'd/open/.htaccess': 'Require all granted' },
      ['/d/a', '/d/opened/a'],
      ['/d/open/a'],
      [],
    ],
    [
      'and a folder in that again',
      { 'd/.htaccess': denied, 'd/o/.htaccess': 'Allow from all', 'd/o/x/.htaccess': denied },
      ['/d/a', '/d/o/x/a'],
      ['/d/o/a'],
      [],
    ],
    [
      'but files of some names',
      { 'core/.htaccess': `${denied}\n<Files ~ "\\.(js|css)$">\nRequire all granted\n</Files>` },
      ['/core/a.php', '/core/b/c.php', '/core/x.php/a.js', '/core/a.jsp'],
      ['/core/b/a.js'],
      [],
    ],
    [
      'a file',
      { '.htaccess': '<Files "config.php">\nOrder Allow,Deny\nDeny from All\n</Files>' },
      [],
      [],
      ['/config.php', '/config.php/a', '/a/config.php'],
    ],
    [
      'files by a pattern',
      { '.htaccess': '<FilesMatch "\\.(inc|sql)(~|\\.bak)?$|^(\\..*|Entries)$|^#.*#$">\nRequire all denied\n</FilesMatch>' },
      [],
      [],
      ['/a.inc', '/b/c.sql.bak', '/Entries'],
    ],
    [
      'files by a long pattern, as Drupal has it',
      {
        '.htaccess':
          '<FilesMatch "\\.(engine|inc|po|sh|.*sql|tpl(\\.php)?|yml)(~|\\.sw[op]|\\.save)?$|^(\\.(?!well-known).*|Entries.*|composer\\.(json|lock))$|^#.*#$|\\.php(~|\\.bak)$">\nRequire all denied\n</FilesMatch>',
      },
      [],
      [],
      ['/a.yml', '/b/c.tpl.php', '/d.sql~', '/composer.lock', '/x.php.bak'],
    ],
    [
      'files by their names alone, as FreshRSS has it',
      { 'p/.htaccess': '<FilesMatch "^\\.|^(?!oidc)[^.]+$|\\.(?!css|html|php)[^.]*$">\nRequire all denied\n</FilesMatch>' },
      [],
      ['/p/i/', '/p/i/index.php', '/p/api/a.php/accounts/b', '/p/v1.2/a.css', '/p/a.b/'],
      ['/p/.a', '/p/LICENSE', '/p/a/b.md', '/p/b.inc'],
    ],
    [
      'files by many wildcards',
      { '.htaccess': '<FilesMatch "a.*b.*c|^d.*e.*f.*g">\nRequire all denied\n</FilesMatch>' },
      [],
      ['/ab', '/defh'],
      ['/a1b2c.txt', '/x/abc', '/d1e2f3g.txt', '/x/defg.php/y'],
    ],
    [
      'files by a part of their name',
      { '.htaccess': '<FilesMatch "\\.ini|secret">\nRequire all denied\n</FilesMatch>' },
      [],
      ['/a.ini/b.css', '/secrets/'],
      ['/a.ini', '/a.ini.bak', '/b/my-secret.txt', '/secret.php/x'],
    ],
    ['files of a folder', { 'a.b/.htaccess': '<Files *.php>\ndeny from all\n</Files>' }, [], [], ['/a.b/x.php', '/a.b/c/x.php/y']],
    [
      'all PHP of a folder',
      { 'images/.htaccess': 'php_flag engine off' },
      ['/images/a.php', '/images/b/c.phtml', '/images/a.php/x'],
      ['/images/a.png'],
      [],
    ],
    [
      'by a rule',
      { '.htaccess': 'RewriteEngine On\nRewriteRule ^(?:config|lib)/.* - [R=404,L]' },
      ['/config/a', '/lib/a'],
      ['/libs/a'],
      [],
    ],
    ['by a rule of several', { '.htaccess': 'RewriteEngine On\nRewriteRule ^a/|^b/ - [F]' }, ['/a/x', '/b/x'], ['/c/b/'], []],
  ])('%s', (_, texts, all, open, files) => {
    const { denials, remarks } = read(texts);
    const stops = (of: 'all' | 'files', path: string) =>
      denials.some((denial) => denial.of === of && new RegExp(denial.pattern).test(path));
    expect(all.filter((path) => !stops('all', path))).toEqual([]);
    expect(open.filter((path) => stops('all', path) || stops('files', path))).toEqual([]);
    expect(files.filter((path) => !stops('files', path))).toEqual([]);
    expect(remarks).toEqual([]);
  });

  test('what only Apache could open to some visitors is closed, with a remark', () => {
    const { denials, remarks } = read({ 'staff/.htaccess': 'AuthType Basic\nAuthUserFile /home/me/.htpasswd\nRequire valid-user' });
    expect(denials).toEqual([{ pattern: '^/staff(?:/|$)', of: 'all' }]);
    expect(remarks).toEqual([
      'staff/.htaccess has lines that are not translated for Nginx: line 3, Require valid-user. /staff/ is closed to everybody, because Nginx cannot apply its access rules.',
    ]);
  });
});

describe('other directives', () => {
  test.each<readonly [string, string, Partial<ReturnType<typeof read>>]>([
    [
      'a redirect',
      'Redirect 301 /old /new',
      { routes: [{ kind: 'redirect', from: '^/old(/.*)?$', to: '/new$1', for: 'all', permanent: true }] },
    ],
    [
      'a redirect elsewhere',
      'Redirect /o https://a.example',
      { routes: [{ kind: 'redirect', from: '^/o(/.*)?$', to: 'https://a.example$1', for: 'all', permanent: false }] },
    ],
    [
      'a redirect by a pattern',
      'RedirectMatch permanent ^/n/(.*)\\.htm$ /$1',
      { routes: [{ kind: 'redirect', from: '^/n/(.*)\\.htm$', to: '/$1', for: 'all', permanent: true }] },
    ],
    ['what is gone', 'Redirect gone /old', { routes: [{ kind: 'answer', from: '^/old(/.*)?$', status: 410, for: 'all' }] }],
    ['a header', 'Header always set X-Robots-Tag "noindex, nofollow"', { headers: [{ name: 'X-Robots-Tag', value: 'noindex, nofollow' }] }],
    [
      'a header of some files',
      '<FilesMatch "\\.(ttf|woff2)$">\nHeader set Access-Control-Allow-Origin "*"\n</FilesMatch>',
      { headers: [{ name: 'Access-Control-Allow-Origin', value: '*', pattern: '\\.(ttf|woff2)$' }] },
    ],
    ['the last word on a header', 'Header unset X-A\nHeader always set X-A b', { headers: [{ name: 'X-A', value: 'b' }] }],
    ['pages for errors', 'ErrorDocument 404 /missing.html', { errorPages: { 404: '/missing.html' } }],
    ['the page of a folder', 'DirectoryIndex start.php index.html', { index: ['start.php', 'index.html'] }],
    ['settings of PHP', 'php_value upload_max_filesize 64M', { settings: { upload_max_filesize: '64M' } }],
    [
      'variables',
      'SetEnv HTTP_MOD_REWRITE On\nSetEnv APP_ENV "my app"\nSetEnv no-gzip 1',
      { environment: { HTTP_MOD_REWRITE: 'On', APP_ENV: 'my app' } },
    ],
  ])('%s', (_, text, expected) => {
    const found = read({ '.htaccess': text });
    expect(found).toMatchObject(expected);
    expect(found.remarks).toEqual([]);
  });
});

describe('directives that cannot be translated are named with their line, and never reach Nginx', () => {
  test.each([
    'RewriteCond %{QUERY_STRING} base64_encode\nRewriteRule .* index.php [F]',
    'RewriteCond %{HTTP_HOST} ^example\\.com$ [NC]\nRewriteRule ^(.*)$ https://www.example.com/$1 [R=301,L]',
    'RewriteRule ^(a+)+$ x.php',
    'RewriteRule ^(a|ab)*$ x.php',
    'RewriteRule ^(.*)-(.*)-(.*)-(.*)$ x.php',
    'RewriteRule "^a\\"; return 200;" x.php',
    'RewriteRule "^a b" x.php',
    'RewriteRule ^(?<uri>.*)$ x.php',
    'RewriteRule ^a(\\d)\\1$ x.php',
    'RewriteRule ^a$ ../../etc/passwd',
    'RewriteRule ^(.*)$ /..$1',
    'RewriteRule ^a$ /x$request_body',
    'RewriteRule ^a$ /x;return',
    'RewriteRule ^a$ "/x y"',
    'RewriteRule ^a$ http://127.0.0.1:80/ [P]',
    'RewriteRule ^a$ javascript:alert(1) [R]',
    'RewriteRule ^(.*)$ public/$1 [L]',
    'RewriteRule ^a$ b [C]',
    'Redirect 301 /old "/new\\"; x"',
    'Redirect 301 /old /a$uri',
    'RedirectMatch (.*)x(.*)y(.*)z(.*) /a',
    'Header set X-A "a\\" always; x"',
    'Header set X-A "$uri"',
    'Header edit Set-Cookie ^(.*)$ "$1; SameSite=Lax"',
    'Header set "X-A b" c',
    'ErrorDocument 404 "/a; x"',
    'ErrorDocument 404 "Not here"',
    'DirectoryIndex "a; x"',
    'DirectoryIndex /cgi-bin/index.pl',
    'php_value auto_prepend_file /etc/passwd',
    'php_value memory_limit "1M\\n[www]"',
    'php_admin_value open_basedir none',
    'SetEnv DB_HOST db.example.com',
    'SetEnv PATH /tmp',
    'SetEnv LD_PRELOAD /tmp/x.so',
    'SetEnv X-Y z',
    'SetEnv A "b$c"',
    'Options +Indexes',
    'SSIUndefinedEcho x',
    '<If "%{HTTP_HOST} == \'a\'">\nHeader set X-A b\n</If>',
    '<FilesMatch "(a+)+$">\nRequire all denied\n</FilesMatch>',
  ])('%s', (text) => {
    const found = rewrite(text);
    expect({ ...found, remarks: [] }).toEqual(untranslated);
    expect(found.remarks).toHaveLength(1);
    expect(found.remarks[0]).toMatch(/^\.htaccess has lines that are not translated for Nginx: line 2, /);
  });

  test('a folder whose name Nginx could misread is skipped', () => {
    expect(read({ 'a"; x/.htaccess': 'Require all denied' }).denials).toEqual([]);
  });
});
