import { request } from 'node:http';
import { request as requestSecurely } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { cli, folder, named } from './cli.ts';
import { differences, fingerprint } from './fingerprint.ts';
import { exec, lab } from './host.ts';
import { php } from './packages.ts';

/**
 * A host as a control panel leaves it: an nginx.conf of its own, a file for each domain with includes of its own, sites and their logs in home
 * folders, a PHP pool for each user, and its own certificate.
 */
const prepare = (address: string) => `set -e
for user in bob eve; do
  useradd --create-home --shell /bin/bash $user; chmod 711 /home/$user
  web=/home/$user/web/$user.test
  mkdir -p $web/public_html $web/logs /home/$user/conf /srv/logs /etc/nginx/conf.d/domains
  echo "body { margin: 0 } /* $(head -c 3000 /dev/zero | tr '\\0' x) */" >$web/public_html/style.css
  echo "page of $user" >$web/public_html/index.html
  echo "<?php header('X-Pool: ' . posix_getpwuid(posix_geteuid())['name']); echo str_repeat(\\$_SERVER['SERVER_NAME'] . ' ', 400);" >$web/public_html/info.php
  chown -R $user: /home/$user
  echo "location = /included { return 200 'included for $user'; }" >/home/$user/conf/nginx.conf_extra
  cat >/etc/php/8.4/fpm/pool.d/$user.test.conf <<END
[$user.test]
user = $user
group = $user
listen = /run/php/$user.test.sock
listen.owner = www-data
pm = static
pm.max_children = 2
END
  cat >/etc/nginx/conf.d/domains/$user.test.conf <<END
server {
  listen ${address}:80;
  listen ${address}:443 ssl;
  server_name $user.test www.$user.test;
  ssl_certificate /etc/nginx/panel.pem;
  ssl_certificate_key /etc/nginx/panel.key;
  root $web/public_html;
  access_log /srv/logs/$user.log panel;
  error_log $web/logs/error.log;
  include /home/$user/conf/nginx.conf_*;
  location ~ \\.php\\$ { include fastcgi_params; fastcgi_param SCRIPT_FILENAME \\$document_root\\$fastcgi_script_name; fastcgi_pass unix:/run/php/$user.test.sock; }
}
END
done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 9 -subj /CN=panel.test -keyout /etc/nginx/panel.key -out /etc/nginx/panel.pem 2>/dev/null
cat >/etc/nginx/nginx.conf <<END
user www-data;
pid /run/nginx.pid;
include /etc/nginx/modules-enabled/*.conf;
events { worker_connections 512; }
http {
  include mime.types;
  default_type application/octet-stream;
  sendfile on;
  keepalive_timeout 33;
  client_header_timeout 61;
  client_max_body_size 256m;
  large_client_header_buffers 4 16k;
  server_names_hash_bucket_size 512;
  gzip on;
  gzip_types text/plain;
  log_format panel '\\$remote_addr \\$request';
  access_log /srv/logs/all.log panel;
  include /etc/nginx/conf.d/*.conf;
  include /etc/nginx/conf.d/domains/*.conf;
}
END
echo 'server { listen ${address}:80 default_server; server_name _; return 404 "no such site\\n"; }' >/etc/nginx/conf.d/default.conf
rm /etc/php/8.4/fpm/pool.d/www.conf
apt-mark hold nginx >/dev/null
mkdir -p /run/cloud-init /var/lib/waagent
printf 'Types: deb\nURIs: http://127.0.0.1:9/debian\nSuites: trixie\nComponents: main\n' >/etc/apt/sources.list.d/dead.sources
rm -rf /var/lib/apt/lists/*
ip rule add from 192.0.2.0/24 lookup 99
systemctl restart php8.4-fpm nginx`;

const visits = ['bob.test', 'www.bob.test', 'eve.test', 'unknown.test'].flatMap((name) =>
  ['/', '/style.css', '/info.php', '/included', '/none'].flatMap((path) => [80, 443].map((port) => ({ name, path, port }))),
);

/** All of an answer but its date, as text; or why there is none. */
async function answerOf(address: string, { name, path, port }: (typeof visits)[number]): Promise<string> {
  return new Promise((resolve) => {
    const options = { host: address, port, path, headers: { Host: name, 'Accept-Encoding': 'gzip' }, agent: false, timeout: 10_000 };
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

describe('a host that a control panel has prepared', () => {
  const here = lab('trixie', { include: php });
  const host = { upgrades: false, passwords: false, integrity: false, ssh: false, firewall: false };
  const site = {
    domain: 'own.test',
    www: false,
    https: 'self-signed',
    app: { source: 'app' },
    php: { extensions: [] },
    database: { engine: 'none' },
    packages: ['tree'],
    host,
  };
  const cwd = folder({ 'foobar.config.json': JSON.stringify(site), 'app/index.php': '<?php echo "ours";' });
  let expected: readonly string[] = [];

  /** Asks for all that the panel's sites serve, again and again while something happens, and compares every answer with the first. */
  async function unchangedDuring<T>(happening: () => Promise<T>): Promise<T> {
    let isOver = false;
    const different = new Set<string>();
    let rounds = 0;
    const asking = (async () => {
      for (; !isOver || rounds === 0; rounds++, await sleep(20))
        for (const [index, visit] of visits.entries()) {
          const answer = await answerOf(here.host.address, visit);
          if (answer !== expected[index])
            different.add(`${JSON.stringify(visit)}: ${answer.slice(0, 300)} instead of ${expected[index]?.slice(0, 300)}`);
        }
    })();
    const happened = await happening().finally(() => {
      isOver = true;
    });
    await asking;
    expect([...different]).toEqual([]);
    return happened;
  }

  const apply = () => cli(here.host, 'apply', ['--yes'], { cwd });
  beforeAll(async () => {
    const { code, stderr, stdout } = await exec(here.host, prepare(here.host.address));
    expect(code, stderr + stdout).toBe(0);
    for (const visit of visits) expected = [...expected, await answerOf(here.host.address, visit)];
    expect(expected.filter((answer) => answer.startsWith('200')).length).toBe(28);
  });

  test('is refused where its Nginx would not read our site and runs as another user, with what to change', async () => {
    await exec(
      here.host,
      'useradd nginx; usermod -aG www-data nginx; sed -i "s/^user www-data/user nginx/" /etc/nginx/nginx.conf; systemctl reload nginx; sleep 1',
    );
    const before = await fingerprint(here.host);
    const ended = await unchangedDuring(apply);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('does not read /etc/nginx/sites-enabled, so it would not serve the site; and it runs as nginx, but');
    expect(ended.stderr).toMatch(/include \/etc\/nginx\/sites-enabled\/\*\.conf; Set `user www-data;`.*Nothing was changed/);
    expect(differences(before, await fingerprint(here.host))).toEqual([]);
  });

  test('serves its own sites as before, all the while and afterwards, and ours beside them; its hold, its routes, what Azure needs and its dead package source stay, and a cloud-init that never ends is not waited for', async () => {
    await exec(
      here.host,
      `sed -i 's/^user nginx/user www-data/; s,include /etc/nginx/conf.d/domains/.*,&\\n  include /etc/nginx/sites-enabled/*.conf;,' /etc/nginx/nginx.conf; rm -f /etc/nginx/sites-enabled/default; systemctl reload nginx`,
    );
    const ended = await unchangedDuring(apply);
    expect(ended.code, ended.stderr).toBe(0);
    expect(named(ended, 'note').map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        'Nginx is not restarted, because it serves other sites too: its hardening begins with its next start.',
        'nginx is held (apt-mark hold) and stays so, so it gets no updates.',
        expect.stringMatching(/^apt cannot use a package source of this host, http:\/\/127\.0\.0\.1:9\/debian.* It is skipped/),
      ]),
    );
    // Of the sites at this address, only ours sends this header.
    expect(await answerOf(here.host.address, { name: 'own.test', path: '/', port: 443 })).toMatch(/^200\n[\s\S]*Content-Security-Policy/);
    expect((await ask(here.host.address, 'own.test'))?.status).toBe(301);
    const { stdout } = await exec(
      here.host,
      'apt-mark showhold; command -v tree; grep all.rp_filter /etc/sysctl.d/90-foobar-provision.conf; grep -c "^install" /etc/modprobe.d/90-foobar-provision.conf; grep udf /etc/modprobe.d/90-foobar-provision.conf',
    );
    expect(stdout).toMatch(/^nginx\n\/usr\/bin\/tree\nnet\.ipv4\.conf\.all\.rp_filter = 2\n[1-9]\d*\n$/);
    const plan = await unchangedDuring(() => cli(here.host, 'plan', [], { cwd }));
    expect([plan.code, named(plan, 'change')]).toEqual([0, []]);
  });

  test('serves them after a boot too, under the hardening', async () => {
    await here.reboot();
    await exec(here.host, 'ip rule add from 192.0.2.0/24 lookup 99');
    await expect
      .poll(async () => (await exec(here.host, 'systemctl is-active nginx php8.4-fpm')).stdout, { timeout: 30_000 })
      .toBe('active\nactive\n');
    await unchangedDuring(async () => sleep(100));
    expect((await exec(here.host, 'systemctl show -p ProtectHome --value nginx; test -s /srv/logs/bob.log && echo logged')).stdout).toBe(
      'read-only\nlogged\n',
    );
    expect((await cli(here.host, 'plan', [], { cwd })).code).toBe(0);
  });

  test('is waited for while its cloud-init works, unless that is switched off', async () => {
    await exec(here.host, 'mkdir -p /run/cloud-init; systemd-run --quiet --no-block --unit=cloud-init-work -p Type=oneshot sleep infinity');
    const findings = async () => JSON.stringify(named(await cli(here.host, 'doctor', [], { cwd }), 'check'));
    expect(await findings()).toContain('cloud-init, which is still setting the host up');
    await exec(here.host, 'touch /run/cloud-init/disabled');
    expect(await findings()).not.toContain('cloud-init, which is still setting the host up');
    await exec(here.host, 'systemctl stop cloud-init-work; rm -r /run/cloud-init');
  });

  test('a name of its own is not taken over, in whatever file it is', async () => {
    const taking = folder({ 'foobar.config.json': JSON.stringify({ ...site, domain: 'bob.test' }), 'app/index.php': '<?php' });
    const ended = await unchangedDuring(() => cli(here.host, 'apply', ['--yes'], { cwd: taking }));
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('would serve bob.test, which /etc/nginx/conf.d/domains/bob.test.conf already serves');
  });

  test('has its own sites as they were when ours is destroyed', async () => {
    const gone = await unchangedDuring(() => cli(here.host, 'destroy', ['--yes', '--allow-destroy'], { cwd }));
    expect(gone.code, gone.stderr).toBe(0);
  });
});
