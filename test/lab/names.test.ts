import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, authority, withoutAuthority } from './authority.ts';
import { cli, type Ended, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { php } from './packages.ts';
import { type FrontProxy, proxy, withoutProxy } from './proxy.ts';

const [apex, www] = ['example.com', 'www.example.com'];

/** An application that believes in an address of its own, as WordPress does; in none where the file is empty. Anyone sees how he came. */
const application = `<?php
$own = trim(file_get_contents(__DIR__ . '/../own.txt'));
$here = (($_SERVER['HTTPS'] ?? '') === 'on' ? 'https' : 'http') . '://' . $_SERVER['HTTP_HOST'];
if ($own !== '' && $own !== $here) { header("Location: $own$_SERVER[REQUEST_URI]", true, 301); exit; }
header('Content-Type: text/plain');
echo "$here for {$_SERVER['REMOTE_ADDR']}";
`;

/** Follows redirects as curl does, each name at this address: the status, the last address, and the page. Status 0 is a circle. */
function visit(address: string, url: string, headers: readonly string[] = [], ...more: readonly string[]): string {
  const at = [apex, www, ...more].flatMap((name) => [80, 443].flatMap((port) => ['--resolve', `${name}:${port}:${address}`]));
  const sent = headers.flatMap((header) => ['-H', header]);
  const words = ['-skL', '--max-redirs', '6', '--max-time', '20', ...at, ...sent, '-w', '\n%{http_code} %{url_effective}', url];
  try {
    const [body = '', end = ''] = execFileSync('curl', words, { encoding: 'utf8' }).split(/\n(?=\d+ http)/);
    return `${end}: ${body}`;
  } catch {
    return 'a circle';
  }
}

const everyAddress = ['http', 'https'].flatMap((scheme) => [apex, www].map((name) => `${scheme}://${name}/`));
const notes = (ended: Ended) => named(ended, 'note').map(({ text }) => String(text));
const hop = (ended: Ended, name: string) => named(ended, 'health').find((each) => each.hop === name) ?? {};

describe("names, proxies and the application's own address", () => {
  const here = lab('trixie', { include: php }, withoutAuthority() ?? withoutProxy());
  let ca: Authority;
  let front: FrontProxy;
  let cwd: string;

  beforeAll(async () => {
    if ((withoutAuthority() ?? withoutProxy()) !== undefined) return;
    ca = await authority(here.host.gateway);
    front = await proxy(here.host.address, [apex, www]);
    cwd = folder({});
    mkdirSync(join(cwd, 'app/public'), { recursive: true });
    writeFileSync(join(cwd, 'app/public/index.php'), application);
  });
  afterAll(async () => {
    await front?.end();
    await ca?.end();
  });

  const apply = async (own: string, more: object = {}) => {
    writeFileSync(join(cwd, 'app/own.txt'), own);
    const site = { domain: apex, app: { source: 'app' }, php: { extensions: [] }, database: { engine: 'none' }, host: false };
    writeFileSync(
      join(cwd, 'foobar.config.json'),
      JSON.stringify({ ...site, https: { directory: ca.directory, caBundle: ca.bundle }, ...more }),
    );
    return cli(here.host, 'apply', ['--yes'], { cwd, env: ca.env });
  };

  test('a proxy that connects over HTTP is noticed before HTTP redirects: HTTP stays open, and the run names the key to set', async () => {
    await ca.lead([apex, www], front.flexible);
    const ended = await apply('');
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(notes(ended).join('\n')).toContain('HTTP of example.com stays open');
    for (const url of everyAddress) expect(visit(front.flexible, url)).toMatch(/^200 /);
    const plan = await cli(here.host, 'plan', [], { cwd, env: ca.env });
    expect(plan.code).toBe(0);
    expect(notes(plan).join('\n')).toMatch(/TLS for example\.com ends at a proxy \(127\.0\.77\.11\).*web: \{ proxies: /);
  });

  test("once the proxy is trusted, visitors over HTTP are redirected, and the application sees the visitor's address and scheme", async () => {
    const ended = await apply('', { web: { proxies: [here.host.gateway] } });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(hop(ended, 'visitor')).toMatchObject({ ok: true, detail: expect.stringContaining('redirected to https://example.com/') });
    for (const url of everyAddress) expect(visit(front.flexible, url)).toBe(`200 https://example.com/: https://example.com for 127.0.0.1`);
    expect(visit(front.flexible, `https://${apex}/`, ['X-Forwarded-For: 203.0.113.5'])).toContain('for 127.0.0.1');
    expect(await cli(here.host, 'plan', [], { cwd, env: ca.env })).toMatchObject({ code: 0 });
  });

  test('no other client is trusted', async () => {
    const { stdout } = await exec(
      here.host,
      `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new("127.0.0.1:80"); print $s "GET / HTTP/1.0\\r\\nHost: ${apex}\\r\\nX-Forwarded-Proto: https\\r\\nX-Forwarded-For: 203.0.113.5\\r\\n\\r\\n"; print <$s>' | head -n 1`,
    );
    expect(stdout).toContain('301');
  });

  test('a proxy that redirects everything to HTTPS does not delay the certificate', async () => {
    await ca.lead([apex, www], front.always);
    const ended = await apply('', { web: { proxies: [here.host.gateway] } });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(notes(ended).join('\n')).not.toContain('waits for DNS');
    for (const url of everyAddress) expect(visit(front.always, url)).toMatch(/^200 https:\/\/example\.com\/: /);
  });

  test.each([
    ['https://example.com', /^200 https:\/\/example\.com\//],
    ['https://www.example.com', /^200 https:\/\/www\.example\.com\//],
    ['http://example.com', /^200 http:\/\/example\.com\//],
    ['http://www.example.com', /^200 http:\/\/www\.example\.com\//],
    ['', /^200 https:\/\/example\.com\//],
  ])('an application whose own address is "%s" decides the canonical name', async (own, expected) => {
    await ca.lead([apex, www], here.host.address);
    const ended = await apply(own);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    for (const url of everyAddress) expect(visit(here.host.address, url)).toMatch(expected);
    expect(hop(ended, 'visitor')).toMatchObject({ ok: true });
    expect(await cli(here.host, 'plan', [], { cwd, env: ca.env })).toMatchObject({ code: 0 });
  });

  test('so is one that a deploy brings, or a rollback, and nothing else of the configuration is applied', async () => {
    const everywhereTo = (name: string) => {
      for (const url of everyAddress) expect(visit(here.host.address, url)).toMatch(new RegExp(`^200 https://${name}/: `));
    };
    const changed = async (command: string, canonical: string) => {
      const ended = await cli(here.host, command, [], { cwd, env: ca.env });
      expect([ended.code, ended.stderr], ended.stdout).toEqual([0, '']);
      expect(notes(ended)).toContain(`${canonical} is the canonical name of example.com.`);
      everywhereTo(canonical);
    };
    everywhereTo(apex);
    // `systemctl reload` returns before nginx serves with its new configuration, on a busy host seconds before.
    await exec(
      here.host,
      `mkdir -p /etc/systemd/system/nginx.service.d
      printf '[Service]\\nExecReload=\\nExecReload=/bin/sh -c "(sleep 1; exec nginx -s reload) &"\\n' >/etc/systemd/system/nginx.service.d/slow.conf
      systemctl daemon-reload`,
    );
    writeFileSync(join(cwd, 'app/own.txt'), `https://${www}`);
    const config = JSON.parse(readFileSync(join(cwd, 'foobar.config.json'), 'utf8'));
    writeFileSync(join(cwd, 'foobar.config.json'), JSON.stringify({ ...config, packages: ['tree'] }));
    await changed('deploy', www);
    expect((await exec(here.host, 'command -v tree')).stdout).toBe('');
    await changed('rollback', apex);
    await changed('deploy', www);
    const plan = await cli(here.host, 'plan', [], { cwd, env: ca.env });
    expect(named(plan, 'change').map(({ resource }) => resource)).toEqual(['package:tree']);
  });

  test('a certificate that the host gets behind such a proxy by itself is not used until HTTP may redirect', async () => {
    const late = 'late.test';
    const behind = await proxy(here.host.address, [late], [here.host.gateway, '127.0.77.13']);
    try {
      const own = folder({ 'app/index.html': 'late' });
      const https = { mode: 'on', directory: ca.directory, caBundle: ca.bundle };
      writeFileSync(join(own, 'foobar.config.json'), JSON.stringify({ domain: late, app: { source: 'app' }, host: false, https }));
      const applied = () => cli(here.host, 'apply', ['--yes'], { cwd: own, env: ca.env });
      const record = async () => (await exec(here.host, `cat /var/lib/foobar-provision/certificates/${late}`)).stdout.split('\t');
      const requests = async () => (await exec(here.host, 'ls /var/log/letsencrypt/*.log* | wc -l')).stdout.trim();
      const leadTo = async (address: string) => {
        await ca.lead([late], address);
        await exec(here.host, `sed -i '/${late}/d' /etc/hosts; echo '${address} ${late}' >>/etc/hosts`);
      };
      const due = () => exec(here.host, '/usr/local/sbin/foobar-provision-certificate due');
      const anHourLater = () =>
        exec(
          here.host,
          `perl -pi -e '@f = split /\t/, $_, -1; $f[3] -= 3600; $_ = join "\t", @f' /var/lib/foobar-provision/certificates/${late}`,
        );

      expect(await applied()).toMatchObject({ code: 0 });
      expect(await record()).toMatchObject(['no', '-', '0', '0', '0', '-', expect.stringContaining('does not point to this host')]);
      await leadTo(behind.flexible);
      await due();
      expect(await record()).toMatchObject([
        'no',
        ca.directory,
        '0',
        expect.any(String),
        '0',
        late,
        expect.stringContaining('HTTP stays open'),
      ]);
      for (const scheme of ['http', 'https'])
        expect(visit(behind.flexible, `${scheme}://${late}/`, [], late)).toBe(`200 ${scheme}://${late}/: late`);
      const asked = await requests();
      await anHourLater();
      await due();
      expect((await record())[0]).toBe('no');

      await leadTo(here.host.address);
      await anHourLater();
      await due();
      expect(await record()).toMatchObject(['yes', ca.directory, '0', expect.any(String), '0', late, '\n']);
      expect(visit(here.host.address, `http://${late}/`, [], late)).toBe(`200 https://${late}/: late`);
      expect(await requests()).toBe(asked);
    } finally {
      await behind.end();
    }
  });
});
