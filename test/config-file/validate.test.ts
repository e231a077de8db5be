import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { validate } from '../../src/config-file/validate.ts';
import { Problem } from '../../src/error.ts';
import { defineConfig, definePlaybook, Secret } from '../../src/index.ts';

function said(data: unknown): string {
  try {
    validate(data, 'foobar.config.ts');
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    return error instanceof Problem ? error.message.replace('foobar.config.ts is not a valid configuration:\n', '') : '';
  }
}

describe('a configuration', () => {
  test.each([
    ['that says nothing', {}],
    [
      'that says everything',
      defineConfig({
        name: 'shop',
        server: 'root@192.0.2.7',
        domain: 'foobar.com',
        www: false,
        aliases: ['foobar.example'],
        app: {
          source: '../app',
          docroot: 'public_html/web',
          exclude: ['*.psd'],
          build: ['npm ci', 'npm run build'],
          shared: ['uploads/', '.env'],
          env: { APP_KEY: new Secret("it's #1; yes"), MODE: 'live', EMPTY: '' },
          keep: 2,
          healthPath: '/up',
        },
        php: { version: '8.4', extensions: ['gd', 'pdo-mysql'], settings: { 'opcache.jit': 'off' } },
        database: { engine: 'none', name: 'a', user: 'b_1' },
        timezone: 'Europe/Berlin',
        locale: 'de_DE.UTF-8',
        swap: 0,
        packages: ['htop', 'libstdc++6'],
        playbooks: [definePlaybook({ name: 'own', resources: () => [] })],
      }),
    ],
    [
      'of servers by role',
      defineConfig({ servers: { balancer: ['root@lb1'], web: ['root@web1', { ssh: 'root@web2', address: '2001:db8::2' }] } }),
    ],
    ['of several sites', { server: 'web', sites: [{ domain: 'one.test' }, { domain: 'two.test', php: { version: '8.2' } }] }],
  ])('%s', (_, data) => {
    expect(said(data)).toBe('');
    expect(validate(data, 'x')).toEqual(data);
  });

  test.each([
    [{ domian: 'foobar.com' }, '  domian: unknown key; did you mean "domain"?'],
    [{ app: { helthPath: '/' } }, '  app.helthPath: unknown key; did you mean "healthPath"?'],
    [{ sites: [{ databse: {} }] }, '  sites.0.databse: unknown key; did you mean "database"?'],
    [{ php: { zzzzzz: 1 } }, '  php.zzzzzz: unknown key; the keys are repository, version, extensions, settings, stderr, writable'],
    [{ domian: 1, app: { sorce: '' } }, /domian.*\n.*sorce|sorce.*\n.*domian/],
    [{ host: { firewal: true } }, '  host.firewal: unknown key; did you mean "firewall"?'],
    [{ host: { ssh: 'no' } }, '  host.ssh: must be true or false'],
    [{ php: { writable: ['mnt'] } }, '  php.writable.0: must be an absolute path of letters, digits, dots and dashes'],
    [{ php: { version: '8' } }, '  php.version: must look like 8.4'],
    [{ php: { version: 8.4 } }, '  php.version: must be text'],
    [{ app: 'x' }, '  app: must be an object'],
    [{ www: 'yes' }, '  www: must be true or false'],
    [{ aliases: 'x.test' }, '  aliases: must be a list'],
    [{ server: '' }, '  server: must not be empty'],
    [{ servers: {} }, '  servers: must name a server'],
    [{ servers: { web: [] } }, '  servers.web: must not be empty'],
    [{ servers: { databse: ['a'], web: ['b'] } }, '  servers.databse: unknown key; did you mean "database"?'],
    [{ servers: { web: 'a' } }, '  servers.web: must be a list'],
    [{ servers: { web: [1] } }, '  servers.web.0: must be text, or an object'],
    [{ servers: { web: [{ ssh: 'a', address: 'web.internal' }] } }, '  servers.web.0.address: must be an IP address'],
    [{ server: 'a', servers: { web: ['a'] } }, '  the configuration: server is short for servers with one host: give one of the two'],
    [{ swap: 1.5 }, '  swap: must be a whole number'],
    [{ swap: -1 }, '  swap: must be at least 0'],
    [{ php: { settings: { memory_limit: 256 } } }, '  php.settings.memory_limit: must be text'],
    [{ php: { settings: { x: 'a\nextension=y' } } }, '  php.settings.x: must be on one line'],
    [{ database: { engine: 'postgres' } }, '  database.engine: must be one of mysql, mariadb, none'],
    [{ database: { name: 'a-b' } }, '  database.name: must consist of letters, digits and underscores, 32 at most'],
    [{ timezone: 'Berlin' }, '  timezone: must be a time zone such as Europe/Berlin'],
    [{ app: { docroot: '../x' } }, '  app.docroot: must be a path inside the application'],
    [{ app: { docroot: 'a b;' } }, '  app.docroot: must consist of letters, digits, dots, dashes and underscores'],
    [{ app: { shared: ['/etc'] } }, '  app.shared.0: must be a path inside the application'],
    [{ app: { shared: ['./'] } }, '  app.shared.0: must be a path below the application'],
    [{ app: { keep: 1 } }, '  app.keep: must be at least 2'],
    [{ app: { keep: 1000 } }, '  app.keep: must be at most 100'],
    [{ app: { healthPath: 'up' } }, '  app.healthPath: must begin with /'],
    [{ app: { env: { 'A-B': 'x' } } }, '  app.env.A-B: must be the name of an environment variable'],
    [{ app: { env: { A: 1 } } }, /^ {2}app\.env\.A: must be text, or a Secret/],
    [{ app: { env: { A: 'two\nlines' } } }, /^ {2}app\.env\.A: .*on one line/],
    [{ app: { env: { A: new Secret('two\nlines') } } }, /^ {2}app\.env\.A: .*on one line/],
    [{ app: { env: { A: new Secret('') } } }, /^ {2}app\.env\.A: /],
    [{ name: 'Shop 1' }, '  name: must consist of lower-case letters, digits, dots and dashes'],
    [{ packages: ['nginx; id'] }, '  packages.0: must be the name of a Debian package'],
    [{ playbooks: ['own'] }, '  playbooks.0: must be a playbook (definePlaybook)'],
    [{ https: 'yes' }, '  https: must be true or false, or one of auto, self-signed, or an object'],
    [{ https: { directry: 'x' } }, '  https.directry: unknown key; did you mean "directory"?'],
    [{ https: { directory: 'http://ca.example/' } }, '  https.directory: must be the https:// address of an ACME directory'],
    [{ https: { certificate: 'a.pem' } }, '  https: certificate and key go together'],
    [{ cache: 'memcached' }, "  cache: must be one of valkey, or an object (web.cache caches PHP's responses)"],
    [{ web: { cache: 'valkey' } }, /^ {2}web\.cache: .*\(cache gives the application a cache in memory\)$/],
    [{ web: { proxy: ['10.0.0.0/8'] } }, '  web.proxy: must be an object (web.proxies names proxies in front of the host)'],
    [
      { sites: [{ web: { proxies: { '/ws': 8080 } } }] },
      '  sites.0.web.proxies: must be a list (web.proxy passes addresses to programs on the host)',
    ],
    [{ host: { limits: { upload: '1G' } } }, '  host.limits: must be true or false (limits says what one request may use)'],
    [{ limits: false }, '  limits: must be an object (host.limits switches the limits of the host itself)'],
    [{ cache: { memory: 0 } }, '  cache.memory: must be at least 1'],
    [{ mail: { host: 'a' } }, '  mail.from: must be text'],
    [{ mail: { host: 'a', from: 'b' } }, '  mail.from: must be an address such as shop@example.com'],
    [{ mail: { host: 'a', from: 'b@c', user: 'd' } }, '  mail: user and password go together'],
    [{ mail: { host: 'a', from: 'b@c', user: 'd', password: 'e\nf' } }, '  mail.password: must be text, or a Secret, on one line'],
    [{ https: { tls: 'old' } }, '  https.tls: must be one of intermediate, modern'],
    [{ sites: [{ https: { hsts: -1 } }] }, '  sites.0.https.hsts: must be at least 0'],
    [{ web: { cache: 0 } }, '  web.cache: must be at least 1'],
    [{ web: { policy: 'a"b' } }, /^ {2}web\.policy: must be on one line/],
    [{ web: { logins: { paths: ['login'] } } }, '  web.logins.paths.0: must be a path such as /login'],
    [{ web: { proxy: { '/': 8080 } } }, '  web.proxy./: must be an address such as /ws'],
    [{ web: { proxy: { '/ws': 'chat' } } }, '  web.proxy./ws: must be worker: and a name'],
    [{ workers: { chat: { command: 'a', port: 80 } } }, '  workers.chat.port: must be at least 1024'],
    [{ sites: [] }, '  sites: must not be empty'],
    [
      { sites: [{}], domain: 'foobar.com' },
      '  the configuration: with sites, domain, www, aliases, app, limits, php, python, node, command, database, cache, mail, https, web, workers, cron belong in each of them',
    ],
    [[], '  the configuration: must be an object'],
    [null, '  the configuration: must be an object'],
  ])('an error in %j is reported with its place', (data, expected) => {
    if (expected instanceof RegExp) expect(said(data)).toMatch(expected);
    else expect(said(data)).toBe(expected);
  });

  test('no message holds a secret', () => {
    expect(said({ app: { env: { A: new Secret('hunter2"'), B: 1 } } })).not.toContain('hunter2');
  });

  test('any input is valid or a problem', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withDate: true, withMap: true }), (data) => {
        said(data);
      }),
    );
  });
});
