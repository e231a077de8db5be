import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { request as requestSecurely } from 'node:https';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { ask } from '../lab/ask.ts';
import { cli, folder } from '../lab/cli.ts';
import { differences, fingerprint } from '../lab/fingerprint.ts';
import { exec, type Lab, lab } from '../lab/host.ts';
import { php } from '../lab/packages.ts';

const host = { upgrades: false, limits: false, passwords: false, integrity: false };
const site = { domain: 'ours.test', www: false, https: false, database: { engine: 'none' }, app: { source: 'app' }, host };
const configured = (more: object = {}) => folder({ 'foobar.config.json': JSON.stringify({ ...site, ...more }), 'app/index.html': 'ours' });

type Visit = readonly [name: string, path: string, port: number];

/** All of an answer but its date, or why there is none. */
async function answerOf(address: string, [name, path, port]: Visit): Promise<string> {
  return new Promise((resolve) => {
    const options = { host: address, port, path, headers: { Host: name }, agent: false, timeout: 10_000 };
    const asked = port === 443 ? requestSecurely({ ...options, servername: name, rejectUnauthorized: false }) : request(options);
    asked.on('response', (answer) => {
      const headers = answer.rawHeaders.join('\n').replace(/^Date\n.*$/m, '');
      buffer(answer).then(
        (body) => resolve(`${answer.statusCode}\n${headers}\n${body.toString('base64')}`),
        (error: Error) => resolve(error.message),
      );
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', (error) => resolve(error.message));
    asked.end();
  });
}

/** Returns a function that visits the sites of others while something happens, and fails if an answer differs from those at the beginning. */
async function watching(host: Sandbox, visits: readonly Visit[]) {
  const expected = await Promise.all(visits.map((visit) => answerOf(host.address, visit)));
  expect(expected.map((answer) => answer.slice(0, 3))).toEqual(visits.map(() => '200'));
  return async <T>(happening: () => Promise<T>): Promise<T> => {
    let isOver = false;
    const different = new Set<string>();
    let rounds = 0;
    const asking = (async () => {
      for (; !isOver || rounds === 0; rounds++, await sleep(20))
        for (const [index, visit] of visits.entries()) {
          const answer = await answerOf(host.address, visit);
          if (answer !== expected[index]) different.add(`${visit.join(' ')}: ${answer.slice(0, 300)}`);
        }
    })();
    const happened = await happening().finally(() => {
      isOver = true;
    });
    await asking;
    expect([...different]).toEqual([]);
    return happened;
  };
}

const certificate =
  'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 9 -subj /CN=theirs.test -keyout /etc/theirs.key -out /etc/theirs.pem 2>/dev/null';

describe('a host whose Apache serves HTTPS alone', () => {
  const here = lab('trixie', { include: php });
  const cwd = configured();
  let unchangedDuring: Awaited<ReturnType<typeof watching>>;

  beforeAll(async () => {
    const { code, stderr } = await exec(
      here.host,
      `set -e; export DEBIAN_FRONTEND=noninteractive
systemctl stop nginx
{ apt-get update -qq; apt-get install -qq -y --no-install-recommends apache2; } >/dev/null 2>&1
${certificate}
echo 'Listen 443' >/etc/apache2/ports.conf
a2dissite -q 000-default >/dev/null; a2enmod -q ssl >/dev/null
cat >/etc/apache2/sites-available/theirs.conf <<END
<VirtualHost *:443>
  ServerName theirs.test
  DocumentRoot /var/www/theirs
  SSLEngine on
  SSLCertificateFile /etc/theirs.pem
  SSLCertificateKeyFile /etc/theirs.key
</VirtualHost>
END
mkdir /var/www/theirs; echo '<h1>theirs</h1>' >/var/www/theirs/index.html; echo 'a {}' >/var/www/theirs/a.css
a2ensite -q theirs >/dev/null; systemctl restart apache2; systemctl start nginx; sleep 1`,
    );
    expect(code, stderr).toBe(0);
    unchangedDuring = await watching(here.host, [
      ['theirs.test', '/', 443],
      ['theirs.test', '/a.css', 443],
    ]);
  });

  test('gets a site over HTTP beside it, while its own site answers as before', async () => {
    const ended = await unchangedDuring(() => cli(here.host, 'apply', ['--yes'], { cwd }));
    expect(ended.code, ended.stderr).toBe(0);
    expect((await ask(here.host.address, 'ours.test'))?.body).toBe('ours');
  });

  test('is refused HTTPS for that site before any change, with the program that has the port', async () => {
    writeFileSync(join(cwd, 'foobar.config.json'), JSON.stringify({ ...site, https: 'self-signed' }));
    const before = await fingerprint(here.host);
    const ended = await unchangedDuring(() => cli(here.host, 'apply', ['--yes'], { cwd }));
    expect([ended.code, ended.stderr]).toEqual([
      1,
      expect.stringMatching(/Port 443 of .* is taken by apache2 \(pid \d+\), so nginx could not/),
    ]);
    expect(differences(before, await fingerprint(here.host))).toEqual([]);
    expect((await ask(here.host.address, 'ours.test'))?.body).toBe('ours');
  });

  test('serves as before after a restart', async () => {
    await here.reboot();
    await expect.poll(() => answerOf(here.host.address, ['theirs.test', '/', 443]), { timeout: 30_000 }).toMatch(/^200/);
    await unchangedDuring(() => sleep(100));
  });
});

/** Makes a package with the layout of nginx.org's: its nginx.conf, its user, conf.d, no folders of Debian, and its unit. */
const packaged = `set -e
apt-get update -qq
mkdir -p /tmp/p/DEBIAN /tmp/p/usr/sbin /tmp/p/etc/nginx/conf.d /tmp/p/usr/lib/systemd/system /tmp/p/var/cache/nginx /tmp/p/var/log/nginx /tmp/p/var/lib/nginx
cd /tmp/p
cp /usr/sbin/nginx usr/sbin/; cp /etc/nginx/mime.types /etc/nginx/fastcgi_params etc/nginx/
apt-get purge -y -qq 'nginx*' >/dev/null 2>&1; rm -rf /etc/nginx
cat >etc/nginx/nginx.conf <<'END'
user  nginx;
worker_processes  auto;
error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;
events {
    worker_connections  1024;
}
http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;
    access_log  /var/log/nginx/access.log;
    sendfile        on;
    keepalive_timeout  65;
    include /etc/nginx/conf.d/*.conf;
}
END
cat >usr/lib/systemd/system/nginx.service <<'END'
[Unit]
Description=nginx - high performance web server
After=network-online.target
Wants=network-online.target

[Service]
Type=forking
PIDFile=/run/nginx.pid
ExecStart=/usr/sbin/nginx -c /etc/nginx/nginx.conf
ExecReload=/bin/sh -c "/bin/kill -s HUP $(/bin/cat /run/nginx.pid)"
ExecStop=/bin/sh -c "/bin/kill -s TERM $(/bin/cat /run/nginx.pid)"

[Install]
WantedBy=multi-user.target
END
printf 'Package: nginx\\nVersion: 1.28.0-1~trixie\\nArchitecture: amd64\\nMaintainer: N <n@nginx.example>\\nProvides: httpd, nginx\\nConflicts: nginx-common, nginx-core\\nReplaces: nginx-common, nginx-core\\nDescription: web server\\n' >DEBIAN/control
printf '/etc/nginx/nginx.conf\\n/etc/nginx/mime.types\\n/etc/nginx/fastcgi_params\\n' >DEBIAN/conffiles
useradd --system --no-create-home --shell /usr/sbin/nologin nginx
dpkg-deb -b /tmp/p /tmp/nginx.deb >/dev/null; dpkg -i /tmp/nginx.deb >/dev/null; rm -rf /tmp/p
mkdir -p /home/me/web; echo 'page of me' >/home/me/web/index.html; echo 'a {}' >/home/me/web/a.css; chmod -R a+rX /home/me
printf 'server {\\n  listen 80;\\n  server_name theirs.test;\\n  root /home/me/web;\\n  location /text { return 200 "text"; }\\n}\\n' >/etc/nginx/conf.d/theirs.conf
systemctl daemon-reload; systemctl enable -q nginx; systemctl restart nginx; sleep 1`;

describe("a host with nginx.org's package, whose owner has edited nginx.conf", () => {
  const here: Lab = lab('trixie', { include: php });
  const cwd = configured();
  let unchangedDuring: Awaited<ReturnType<typeof watching>>;

  beforeAll(async () => {
    const { code, stderr } = await exec(here.host, packaged);
    expect(code, stderr).toBe(0);
    const visits = ['/', '/a.css', '/text'].map((path): Visit => ['theirs.test', path, 80]);
    unchangedDuring = await watching(here.host, visits);
  });

  test('is refused before any change, with the lines to add', async () => {
    const before = await fingerprint(here.host);
    const ended = await unchangedDuring(() => cli(here.host, 'apply', ['--yes'], { cwd }));
    expect([ended.code, ended.stderr]).toEqual([
      1,
      expect.stringContaining('does not read /etc/nginx/sites-enabled, so it would not serve'),
    ]);
    expect(ended.stderr).toContain('include /etc/nginx/sites-enabled/*.conf;');
    expect(ended.stderr).toContain('Set `user www-data;`');
    expect(differences(before, await fingerprint(here.host))).toEqual([]);
  });

  test('with these lines serves both, and its own site as before', async () => {
    const { code, stderr } = await exec(
      here.host,
      "sed -i 's/^user .*/user www-data;/; s,    include /etc/nginx/conf.d.*,&\\n    include /etc/nginx/sites-enabled/*.conf;,' /etc/nginx/nginx.conf; systemctl reload nginx; sleep 1",
    );
    expect(code, stderr).toBe(0);
    const ended = await unchangedDuring(() => cli(here.host, 'apply', ['--yes'], { cwd }));
    expect(ended.code, ended.stderr).toBe(0);
    expect((await ask(here.host.address, 'ours.test'))?.body).toBe('ours');
  });
});
