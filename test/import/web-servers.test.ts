import { describe, expect, test } from 'vitest';
import { apacheVhosts } from '../../src/import/apache.ts';
import { missingIncludes, nginxVhosts } from '../../src/import/nginx.ts';
import type { Vhost } from '../../src/import/web-rules.ts';

const nginx = (server: string, more = ''): Vhost | undefined =>
  nginxVhosts(new Map([['/etc/nginx/nginx.conf', `http {\n${more}server { server_name a.test; root /srv/a; ${server} }\n}`]]))[0];

const apache = (lines: string): Vhost | undefined =>
  apacheVhosts(
    new Map([
      ['/etc/apache2/apache2.conf', 'IncludeOptional sites-enabled/*.conf\n'],
      ['/etc/apache2/sites-enabled/a.conf', `<VirtualHost *:80>\nServerName a.test\nDocumentRoot "/srv/a"\n${lines}\n</VirtualHost>\n`],
    ]),
  )[0];

/** What a row expects: the translated parts, and the text of the directives that are left out. */
interface Expected {
  readonly routes?: Vhost['routes'];
  readonly proxy?: Vhost['proxy'];
  readonly deny?: readonly string[];
  readonly headers?: Vhost['headers'];
  readonly settings?: Vhost['settings'];
  readonly php?: Vhost['php'];
  readonly left?: readonly string[];
}

function check(vhost: Vhost | undefined, { left = [], ...expected }: Expected): void {
  expect(vhost).toMatchObject({ routes: {}, proxy: {}, deny: [], headers: {}, settings: {}, ...expected });
  expect(vhost?.remarks.map(({ text }) => text)).toEqual(left);
}

describe('a directive of Nginx', () => {
  const rows: readonly (readonly [string, Expected])[] = [
    ['location / { try_files $uri $uri/ /index.php?$args; }', {}],
    ['location / { try_files $uri /app.php?$query_string; }', { routes: { '/*': '/app.php' } }],
    ['location / { try_files $uri =404; }', {}],
    [
      'location ~ \\.php$ { fastcgi_pass unix:/run/php/a.sock; fastcgi_read_timeout 300; }',
      { php: { kind: 'fpm', address: 'unix:/run/php/a.sock' } },
    ],
    [
      'location ~ \\.php$ { fastcgi_pass pool; fastcgi_param PHP_VALUE "memory_limit=1G\nmax_execution_time = 90"; }',
      { php: { kind: 'fpm', address: '127.0.0.1:9000' }, settings: { memory_limit: '1G', max_execution_time: '90' } },
    ],
    ['location /private { deny all; }', { deny: ['/private/'] }],
    ['location = /secret.txt { return 404; }', { deny: ['/secret.txt'] }],
    ['location ~ /\\.ht { deny all; }', {}],
    ['location ~ /\\. { deny all; }', {}],
    ['location ~* \\.(log|sql)$ { deny all; }', { deny: ['/*.log', '/*.sql'] }],
    ['location /office { allow 192.0.2.1; deny all; }', { left: ['location /office { … }'] }],
    ['location /ws { proxy_pass http://127.0.0.1:3000; proxy_set_header Host $host; }', { proxy: { '/ws': 3000 } }],
    ['location /api/ { proxy_pass http://backend; }', { proxy: { '/api': 4000 } }],
    ['location /api/ { proxy_pass http://127.0.0.1:3000/v1/; }', { left: ['proxy_pass http://127.0.0.1:3000/v1/'] }],
    ['location /far { proxy_pass http://192.0.2.9:80; }', { left: ['proxy_pass http://192.0.2.9:80'] }],
    ['location = /old { return 301 /new; }', { routes: { '/old': { redirect: '/new', permanent: true } } }],
    ['location /old { return 302 https://b.test/; }', { routes: { '/old*': { redirect: 'https://b.test/' } } }],
    ['rewrite ^/a/(.*)$ /b/$1 permanent;', { routes: { '/a/*': { redirect: '/b/$1', permanent: true } } }],
    ['rewrite ^/page\\.html$ /page last;', { routes: { '/page.html': '/page' } }],
    ['rewrite ^/(\\d+)/(\\w+)$ /x?a=$1&b=$2;', { left: ['rewrite ^/(\\d+)/(\\w+)$ /x?a=$1&b=$2'] }],
    ['if ($scheme = http) { return 301 https://$host$request_uri; }', {}],
    ['if ($http_user_agent ~ Bot) { return 403; }', { left: ['if ($http_user_agent ~ Bot) { … }'] }],
    ['add_header X-A "1" always; add_header Strict-Transport-Security "max-age=1";', { headers: { 'X-A': '1' } }],
    ['auth_basic "Staff";', { left: ['auth_basic Staff'] }],
    ['location /img/ { alias /mnt/img/; expires 30d; }', { left: ['alias /mnt/img/'] }],
    ['error_page 404 /missing.html; gzip on; access_log off; client_max_body_size 64m;', { left: ['error_page 404 /missing.html'] }],
    ['listen 443 ssl; ssl_certificate /etc/a.pem; http2 on; index index.php;', {}],
  ];
  test.each(rows)('%s', (text, expected) => {
    check(nginx(text, 'upstream pool { server 127.0.0.1:9000; }\nupstream backend { server localhost:4000; }\n'), expected);
  });
});

describe('a directive of Apache', () => {
  const rows: readonly (readonly [string, Expected])[] = [
    ['<Directory /srv/a>\nAllowOverride All\nRequire all granted\nOptions -Indexes\n</Directory>', {}],
    [
      '<FilesMatch \\.php$>\nSetHandler "proxy:unix:/run/php/php8.2-fpm.sock|fcgi://localhost"\n</FilesMatch>',
      { php: { kind: 'fpm', address: 'unix:/run/php/php8.2-fpm.sock' } },
    ],
    ['ProxyPassMatch ^/(.*\\.php)$ fcgi://127.0.0.1:9000/srv/a/$1', { php: { kind: 'fpm', address: '127.0.0.1:9000' } }],
    ['Redirect permanent /old https://b.test/new', { routes: { '/old': { redirect: 'https://b.test/new', permanent: true } } }],
    ['Redirect /old/ /new/', { routes: { '/old/*': { redirect: '/new/$1' } } }],
    ['RedirectMatch 301 ^/a/(.*)$ /b/$1', { routes: { '/a/*': { redirect: '/b/$1', permanent: true } } }],
    ['RedirectMatch 301 (\\d+)$ /b/$1', { left: ['redirectmatch 301 (\\d+)$ /b/$1'] }],
    ['Header always set X-A "1 2"', { headers: { 'X-A': '1 2' } }],
    ['Header edit Set-Cookie a b', { left: ['header edit Set-Cookie a b'] }],
    ['ProxyPass /ws ws://127.0.0.1:3000/ws\nProxyPassReverse /ws http://127.0.0.1:3000/ws', { proxy: { '/ws': 3000 } }],
    ['ProxyPass /api http://127.0.0.1:3000/v1', { left: ['proxypass /api http://127.0.0.1:3000/v1'] }],
    ['php_admin_value memory_limit 512M\nphp_flag short_open_tag On', { settings: { memory_limit: '512M', short_open_tag: '1' } }],
    ['<Directory "/srv/a/private">\nDeny from all\n</Directory>', { deny: ['/private/'] }],
    ['<Location /private>\nRequire all denied\n</Location>', { deny: ['/private/'] }],
    ['<Files ~ "^\\.ht">\nRequire all denied\n</Files>', { left: ['require all denied'] }],
    ['<FilesMatch "\\.(inc|sql)$">\nRequire all denied\n</FilesMatch>', { deny: ['/*.inc', '/*.sql'] }],
    ['<Location /staff>\nAuthType Basic\nRequire valid-user\n</Location>', { left: ['authtype Basic', 'require valid-user'] }],
    ['RewriteEngine On\nRewriteCond %{HTTPS} off\nRewriteRule ^(.*)$ https://%{HTTP_HOST}/$1 [R=301,L]', {}],
    ['<IfModule mod_rewrite.c>\nRewriteRule . /index.php [L]\n</IfModule>', {}],
    [
      'RewriteCond %{HTTP_USER_AGENT} Mobile\nRewriteRule ^(.*)$ https://m.a.test/$1 [R,L]',
      { left: ['rewriterule ^(.*)$ https://m.a.test/$1 [R,L]'] },
    ],
    [
      'RewriteCond %{SERVER_NAME} =a.test [OR]\nRewriteCond %{SERVER_NAME} =www.a.test\nRewriteRule ^ https://%{SERVER_NAME}%{REQUEST_URI} [END,NE,R=permanent]',
      {},
    ],
    ['RewriteRule \\.(bak|sql)$ - [F,L]', { deny: ['/*.bak', '/*.sql'] }],
    ['RewriteRule ^/private/ - [forbidden]', { deny: ['/private/'] }],
    ['RewriteRule ^/drafts/(\\d+) - [G]', { left: ['rewriterule ^/drafts/(\\d+) - [G]'] }],
    ['RewriteCond %{HTTP_USER_AGENT} Bot\nRewriteRule ^ - [F]', { left: ['rewriterule ^ - [F]'] }],
    ['RewriteCond %{HTTP_USER_AGENT} Bot\nRewriteRule ^/private/ - [F]', { left: ['rewriterule ^/private/ - [F]'] }],
    ['RewriteRule ^index\\.php$ - [L]\nRewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]', {}],
    ['RewriteRule ^shop/(.*)$ /store.php?p=$1 [L]', { left: ['rewriterule ^shop/(.*)$ /store.php?p=$1 [L]'] }],
    ['Alias /img /mnt/img', { left: ['alias /img /mnt/img'] }],
    ['ErrorLog ${APACHE_LOG_DIR}/error.log\nCustomLog \\\n  /var/log/a.log combined\nSSLEngine on', {}],
  ];
  test.each(rows)('%s', (text, expected) => {
    check(apache(text), expected);
  });
});

describe('the sites of a server', () => {
  test('are found through includes of both servers, with their names, folders and lines', () => {
    const vhosts = nginxVhosts(
      new Map([
        ['/etc/nginx/nginx.conf', 'events {}\nhttp {\n  include /etc/nginx/sites-enabled/*;\n}\n'],
        [
          '/etc/nginx/sites-enabled/a',
          '# ours\nserver {\n  listen 80;\n  server_name a.test www.a.test;\n  return 301 https://$host$request_uri;\n}\nserver {\n  listen 443 ssl;\n  server_name a.test *.a.test;\n  root /srv/a/;\n  include snippets/php.conf;\n}\n',
        ],
        ['/etc/nginx/snippets/php.conf', "location ~ '\\.php$' { fastcgi_pass 127.0.0.1:9000; }"],
      ]),
    );
    expect(vhosts.map(({ at, names, docroot, isTls, redirects, php }) => [at, names, docroot, isTls, redirects, php?.kind])).toEqual([
      ['/etc/nginx/sites-enabled/a:2', ['a.test', 'www.a.test'], undefined, false, true, undefined],
      ['/etc/nginx/sites-enabled/a:7', ['a.test', '*.a.test'], '/srv/a', true, undefined, 'fpm'],
    ]);
  });

  test('of Apache have PHP as a module if it is loaded, and a block that redirects everything is not a site', () => {
    const vhosts = apacheVhosts(
      new Map([
        ['/etc/apache2/apache2.conf', 'IncludeOptional mods-enabled/*.load\nIncludeOptional sites-enabled/*.conf\n'],
        ['/etc/apache2/mods-enabled/php8.2.load', 'LoadModule php_module /usr/lib/apache2/modules/libphp8.2.so\n'],
        [
          '/etc/apache2/sites-enabled/a.conf',
          '<VirtualHost *:80>\n  ServerName a.test\n  DocumentRoot /srv/a\n  Redirect permanent / https://a.test/\n</VirtualHost>\n<VirtualHost *:443>\n  ServerName a.test:443\n  ServerAlias b.test\n  DocumentRoot /srv/a\n</VirtualHost>\n',
        ],
      ]),
    );
    expect(vhosts.map(({ at, names, isTls, redirects, php }) => [at, names, isTls, redirects, php?.kind])).toEqual([
      ['/etc/apache2/sites-enabled/a.conf:1', ['a.test'], false, true, 'module'],
      ['/etc/apache2/sites-enabled/a.conf:6', ['a.test', 'b.test'], true, undefined, 'module'],
    ]);
  });

  test('name the includes that have not been read, once', () => {
    const texts = new Map([['/etc/nginx/nginx.conf', 'include mime.types;\nhttp { include sites/*; server { include /opt/x.conf; } }']]);
    expect(missingIncludes(texts, new Set(['/etc/nginx/sites/*']))).toEqual(['/etc/nginx/mime.types', '/opt/x.conf']);
  });
});
