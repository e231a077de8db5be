import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../lab/ask.ts';
import { askSecurely } from '../lab/ask-securely.ts';
import { type Authority, authority, withoutAuthority } from '../lab/authority.ts';
import { cli, type Ended, folder, named, start } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';
import { limited } from './limited.ts';

const stack = ['nginx', 'mariadb-server', 'php8.4-fpm', 'php8.4-mysql', 'certbot'];
const site = { domain: 'www.foobar.com', php: { extensions: [] } };
const names = ['www.foobar.com', 'foobar.com'];

/** Seconds that the certificates hold that are to expire. */
const lifetime = 180;

function tls(ended: Ended): Record<string, unknown> {
  return named(ended, 'health').find(({ hop }) => hop === 'tls') ?? {};
}

function summaries(ended: Ended): readonly unknown[] {
  return named(ended, 'change').map(({ resource, action, reason, summary }) => [resource, action, reason, summary]);
}

describe('a CA with errors, or that finds errors of the host', () => {
  const here = lab('trixie', { include: stack }, withoutAuthority());
  let ca: Authority;

  beforeAll(async () => {
    if (withoutAuthority() !== undefined) return;
    ca = await authority(here.host.gateway);
    // The host sees its own names as the world does.
    await exec(here.host, `echo '${here.host.address} ${names.join(' ')}' >>/etc/hosts`);
  });
  afterAll(async () => {
    await ca?.end();
  });

  const configured = (directory = ca.directory, more: object = {}) =>
    folder({ 'foobar.config.json': JSON.stringify({ ...site, https: { mode: 'on', directory, caBundle: ca.bundle }, ...more }) });

  /** Runs a command while a visitor asks again and again: there is never no answer, nor one of an error. */
  async function visited(command: string, cwd = configured()): Promise<Ended> {
    let over = false;
    const seen = new Set<number>();
    const visitor = (async () => {
      while (!over) seen.add((await ask(here.host.address, 'www.foobar.com'))?.status ?? 0);
    })();
    const ended = await cli(here.host, command, command === 'apply' ? ['--yes'] : [], { cwd, env: ca.env });
    over = true;
    await visitor;
    expect([...seen].filter((status) => status !== 200 && status !== 301)).toEqual([]);
    return ended;
  }

  /** As if hours had gone by since the CA was asked. */
  const later = () =>
    exec(
      here.host,
      `cd /var/lib/foobar-provision/certificates && awk -F '\\t' -v OFS='\\t' '{ $3 = 0; $4 = 0; print }' foobar.com >new && mv new foobar.com`,
    );

  /** Another CA, which certbot is to take for the same; and as if hours had gone by. */
  const anew = async (more?: Readonly<Record<string, unknown>>) => {
    await ca.replace(more);
    await exec(here.host, 'rm -rf /etc/letsencrypt/accounts');
    await later();
  };

  /** HTTP serves the site, the account is clear, and another plan finds nothing. */
  async function pending(ended: Ended, said: RegExp, cwd = configured()): Promise<void> {
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(tls(ended)).toMatchObject({ ok: true, warning: expect.stringContaining('pending') });
    expect(await ask(here.host.address, 'www.foobar.com')).toMatchObject({ status: 200, body: expect.stringContaining('<h1') });
    const planned = await cli(here.host, 'plan', [], { cwd, env: ca.env });
    expect([planned.code, summaries(planned)]).toEqual([0, []]);
    expect(
      named(planned, 'note')
        .map(({ text }) => String(text))
        .join('\n'),
    ).toMatch(said);
  }

  test('names that point elsewhere: everything is prepared, no CA is asked, and the records are named', async () => {
    await ca.lead(names, '203.0.113.9');
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: configured(), env: ca.env });
    expect(summaries(ended)).toContainEqual(['certificate:foobar.com', 'create', 'new', 'wait until www.foobar.com points to this host']);
    await pending(ended, /The certificate of foobar\.com is pending: www\.foobar\.com does not point to this host yet/);
    expect(
      named(ended, 'note')
        .map(({ text }) => String(text))
        .join('\n'),
    ).toContain(`change foobar.com. A 203.0.113.9 to foobar.com. A ${here.host.address}`);
    expect((await exec(here.host, 'ls /var/log/letsencrypt 2>/dev/null')).stdout).toBe('');
  });

  test('a CA that is down', async () => {
    await ca.lead(names, here.host.address);
    ca.stop();
    const ended = await visited('apply');
    expect(summaries(ended)).toEqual([['certificate:foobar.com', 'run', 'pending', 'request from the CA, for www.foobar.com, foobar.com']]);
    await pending(ended, /Connection (refused|aborted|reset)|Max retries|EOF/i);
    // A run right after asks nobody.
    expect(summaries(await visited('apply'))).toEqual([]);
  });

  test('a CA that refuses us', async () => {
    ca.start();
    await ca.lead(names, here.host.address);
    await anew({ externalAccountBindingRequired: true });
    await pending(await visited('apply'), /externalAccountRequired|external account/i);
  });

  test('a CA whose challenge does not reach the host', async () => {
    await anew({ httpPort: 81 });
    await pending(await visited('apply'), /connection refused|deadline exceeded/i);
  });

  test('a CA with a rate limit: neither runs nor the timer ask it before the time that it names', async () => {
    await anew();
    const until = new Date(Date.now() + 7_200_000);
    const tired = await limited(ca, here.host.gateway, until);
    try {
      const cwd = configured(tired.directory);
      await pending(await visited('apply', cwd), /too many certificates/, cwd);
      const { stdout } = await exec(here.host, `cut -f 3 /var/lib/foobar-provision/certificates/foobar.com`);
      expect(Number(stdout)).toBe(Math.floor(until.getTime() / 1000));
      const asked = tired.orders();
      await exec(
        here.host,
        `cd /var/lib/foobar-provision/certificates && awk -F '\\t' -v OFS='\\t' '{ $4 = 0; print }' foobar.com >new && mv new foobar.com; systemctl start foobar-provision-certificate`,
      );
      await visited('apply', cwd);
      expect(tired.orders()).toBe(asked);
    } finally {
      await tired.end();
    }
  });

  test('once every obstacle is gone, the host gets the certificate by itself', async () => {
    await anew({ certificateValidityPeriod: lifetime });
    await ca.lead(names, '203.0.113.9');
    await visited('apply');
    await ca.lead(names, here.host.address);
    expect((await ask(here.host.address, 'www.foobar.com'))?.status).toBe(200);
    await later();
    await exec(here.host, 'systemctl start foobar-provision-certificate');
    expect((await ask(here.host.address, 'www.foobar.com'))?.status).toBe(301);
    expect((await askSecurely(here.host.address, 'www.foobar.com', '/', { ca: readFileSync(ca.bundle, 'utf8') })).status).toBe(200);
    // What it proves from outside is the next run's to see.
    const proven = await visited('apply');
    expect(summaries(proven)).toEqual([
      ['file:/etc/nginx/sites-available/foobar.com.conf', 'update', 'update', expect.stringMatching(/^content /)],
      ['file:/etc/nginx/snippets/foobar.com.hsts.conf', 'create', 'new', 'create, mode 0644'],
      ['handler:reload:nginx.service', 'run', 'update', 'reload nginx'],
    ]);
    // The header is the application's if it sends one, which the site's file looks up. Nothing else in the file changes.
    const [{ diff } = {}] = named(proven, 'change');
    const changed = String(diff)
      .split('\n')
      .filter((line) => /^[+-][^+-]/.test(line));
    expect(changed.filter((line) => !/^\+(#|map \$upstream_http_strict_transport_security )/.test(line))).toEqual([]);
  });

  const serial = async () =>
    (
      await exec(
        here.host,
        'openssl s_client -connect 127.0.0.1:443 -servername www.foobar.com </dev/null 2>/dev/null | openssl x509 -noout -serial',
      )
    ).stdout;

  test("certbot's timer renews it, and nginx shows the new one", async () => {
    const before = await serial();
    expect((await exec(here.host, 'systemctl start certbot.service')).code).toBe(0);
    expect(await serial()).not.toBe(before);
    expect((await visited('verify')).code).toBe(0);
  });

  test('a failed renewal keeps the old certificate, an expired one is reported, and the next renewal replaces it', {
    timeout: 600_000,
  }, async () => {
    const before = await serial();
    ca.stop();
    expect((await exec(here.host, 'systemctl start certbot.service')).code).not.toBe(0);
    expect(await serial()).toBe(before);
    await new Promise((resolve) => setTimeout(resolve, lifetime * 1000));
    const sick = await visited('verify');
    expect([sick.code, tls(sick)]).toMatchObject([6, { ok: false, detail: expect.stringContaining('the certificate expired') }]);
    ca.start();
    expect((await exec(here.host, 'systemctl start certbot.service')).code).toBe(0);
    expect(await serial()).not.toBe(before);
    const well = await visited('verify');
    expect([well.code, tls(well)]).toMatchObject([0, { ok: true }]);
  });

  test('a certificate that somebody has deleted is requested again', async () => {
    await anew({ certificateValidityPeriod: 7_776_000 });
    await exec(here.host, 'certbot delete --non-interactive --cert-name foobar.com');
    expect(summaries(await visited('apply'))).toContainEqual([
      'certificate:foobar.com',
      'run',
      'pending',
      'request from the CA, for www.foobar.com, foobar.com',
    ]);
    expect(summaries(await visited('plan'))).toEqual([]);
  });

  test('one bad alias among good ones is left out until it points to the host', async () => {
    const aliases = { aliases: ['alias.example'] };
    const cwd = configured(ca.directory, aliases);
    await ca.lead(['alias.example'], '203.0.113.9');
    await later();
    const ended = await visited('apply', cwd);
    expect([ended.code, tls(ended)]).toMatchObject([0, { ok: true, warning: 'it is not for alias.example' }]);
    expect(summaries(await visited('plan', cwd))).toEqual([]);
    const before = await serial();
    await later();
    await exec(here.host, 'systemctl start foobar-provision-certificate');
    expect(await serial(), 'no certificate is wasted on the names that it has already').toBe(before);
    await ca.lead(['alias.example'], here.host.address);
    await exec(here.host, `echo '${here.host.address} alias.example' >>/etc/hosts`);
    await later();
    const whole = await visited('apply', cwd);
    expect(tls(whole)).toMatchObject({ ok: true });
    expect(tls(whole).warning).toBeUndefined();
    expect(await serial()).not.toBe(before);
    expect((await ask(here.host.address, 'alias.example', '/x'))?.status).toBe(301);
  });

  test('a CA with generous limits is asked first, and what it refuses is not requested from another', async () => {
    await anew();
    await ca.lead(names, here.host.address);
    await visited('apply', configured(ca.directory, { aliases: ['nowhere.example'] }));
    await later();
    const before = await serial();
    // Only Let's Encrypt has one by itself, so the host is told of ours by hand. One name leads here as the host sees it, and nowhere as
    // the CA does.
    const request = '/etc/foobar-provision/tls/foobar.com/request';
    const { stdout, code } = await exec(
      here.host,
      `sed -i "s,^REHEARSAL=.*,REHEARSAL='${ca.directory}'," ${request}
echo '${here.host.address} nowhere.example' >>/etc/hosts
rm -f /var/log/letsencrypt/*
foobar-provision-certificate ask foobar.com || exit
grep -h 'Arguments:.*nowhere.example' /var/log/letsencrypt/* | grep -c dry-run
grep -h 'Arguments:.*nowhere.example' /var/log/letsencrypt/* | grep -vc dry-run
cut -f 1,7 /var/lib/foobar-provision/certificates/foobar.com`,
    );
    expect([stdout, await serial()]).toEqual([expect.stringMatching(/^1\n0\nyes\tleft out: nowhere\.example/), before]);
    expect(code).toBe(0);
  });
});

describe('proxies and routers between DNS and a host', () => {
  const here = lab('trixie', { include: stack }, withoutAuthority());
  let ca: Authority;
  let options: { readonly cwd: string; readonly env: Authority['env'] };

  beforeAll(async () => {
    if (withoutAuthority() !== undefined) return;
    ca = await authority(here.host.gateway);
    const web = { cache: 2, logins: { paths: ['/guestbook'], perMinute: 6 } };
    options = {
      cwd: folder({ 'foobar.config.json': JSON.stringify({ ...site, web, https: { directory: ca.directory, caBundle: ca.bundle } }) }),
      env: ca.env,
    };
  });
  afterAll(async () => {
    await ca?.end();
  });

  test('a router or proxy with its own address is recognized by the token that it passes on', async () => {
    await ca.lead(names, here.host.gateway);
    // At first nothing answers there, and a host that serves nothing yet has no token to be known by.
    const first = await cli(here.host, 'apply', ['--yes'], options);
    expect([first.code, tls(first)]).toEqual([0, {}]);
    const proxy = createServer((incoming, outgoing) => {
      const passed = request(
        { host: here.host.address, port: 80, path: incoming.url, method: incoming.method, headers: incoming.headers, agent: false },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      passed.on('error', () => outgoing.destroy());
      incoming.pipe(passed);
    }).listen(80, here.host.gateway);
    await once(proxy, 'listening');
    try {
      const ended = await cli(here.host, 'apply', ['--yes'], options);
      expect([ended.code, tls(ended)]).toMatchObject([0, { ok: true, detail: expect.stringContaining('Pebble') }]);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
    expect((await cli(here.host, 'destroy', ['--yes', '--allow-destroy'], options)).code).toBe(0);
  });

  test('--wait-dns names the records, waits for them, and continues by itself', async () => {
    await ca.lead(names, '203.0.113.9');
    const { child, ended } = start(here.host, 'apply', ['--yes', '--wait-dns'], options);
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await expect
      .poll(() => said, { timeout: 120_000 })
      .toContain(`waiting for DNS: foobar.com: change www.foobar.com. A 203.0.113.9 to www.foobar.com. A ${here.host.address}`);
    expect((await ask(here.host.address, 'www.foobar.com'))?.status).toBe(200);
    await ca.lead(names, here.host.address);
    const done = await ended;
    expect([done.code, done.stderr]).toEqual([0, '']);
    expect(tls(done).warning).toBeUndefined();
    expect((await askSecurely(here.host.address, 'www.foobar.com')).headers['strict-transport-security']).toBe('max-age=63072000');
  });

  test('responses to visitors without cookies are cached as long as they allow it, and others never', async () => {
    await exec(
      here.host,
      `release=$(readlink -f /srv/www/foobar.com/current); printf '%s' '<?php header($_GET["h"] ?? "X-A: b"); echo hrtime(true);' >"$release/public/time.php"`,
    );
    const at = async (path: string, headers: Readonly<Record<string, string>> = {}) =>
      (await askSecurely(here.host.address, 'www.foobar.com', path, { headers })).body;
    const kept = await at('/time.php');
    expect(await at('/time.php')).toBe(kept);
    expect(await at('/time.php', { Cookie: 'a=b' })).not.toBe(kept);
    expect(await at('/time.php', { Authorization: 'Basic YTpi' })).not.toBe(kept);
    for (const header of ['Cache-Control:%20private', 'Cache-Control:%20no-store', 'Set-Cookie:%20a=b'])
      expect(await at(`/time.php?h=${header}`), header).not.toBe(await at(`/time.php?h=${header}`));
    await expect.poll(() => at('/time.php'), { timeout: 10_000, interval: 1000 }).not.toBe(kept);
  });

  test('login attempts are limited, and reading the form is not', async () => {
    const post = { method: 'POST', body: Buffer.from('a=b'), headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
    const statuses: number[] = [];
    for (let times = 0; times < 9; times++)
      statuses.push((await askSecurely(here.host.address, 'www.foobar.com', '/guestbook', post)).status);
    expect(statuses.slice(0, 6)).not.toContain(429);
    expect(statuses.slice(6)).toContain(429);
    expect((await askSecurely(here.host.address, 'www.foobar.com', '/guestbook')).status).toBe(200);
  });
});

describe("the owner's certificates", () => {
  const here = lab('trixie', { include: stack }, withoutAuthority());

  test('are presented, are replaced without downtime, and their keys stay secret', async () => {
    const where = folder();
    const make = (name: string) => {
      const words = [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '90',
        '-subj',
        `/CN=${name}`,
      ];
      execFileSync(
        'openssl',
        [...words, '-addext', 'subjectAltName=DNS:www.foobar.com,DNS:foobar.com', '-keyout', 'key.pem', '-out', 'chain.pem'],
        {
          cwd: where,
          stdio: 'ignore',
        },
      );
      return folder({
        'foobar.config.json': JSON.stringify({ ...site, https: { certificate: join(where, 'chain.pem'), key: join(where, 'key.pem') } }),
      });
    };
    for (const name of ['the first', 'the second']) {
      const cwd = make(name);
      const ended = await cli(here.host, 'apply', ['--yes', '-v'], { cwd });
      expect([ended.code, ended.stderr]).toEqual([0, '']);
      expect(tls(ended)).toMatchObject({ ok: true, warning: expect.stringContaining('browsers do not trust its CA') });
      expect((await askSecurely(here.host.address, 'www.foobar.com')).issuer).toBe(name);
      const planned = await cli(here.host, 'plan', [], { cwd });
      expect([planned.code, planned.stderr]).toEqual([0, '']);
      const [, secret = ''] = readFileSync(join(where, 'key.pem'), 'utf8').split('\n');
      expect(ended.stdout).not.toContain(secret);
      const { stdout } = await exec(
        here.host,
        `grep -rlF '${secret}' / --include='*' --exclude-dir=proc --exclude-dir=sys 2>/dev/null; ls /etc/foobar-provision/secrets | grep -c key`,
      );
      expect(stdout).toMatch(/^\/etc\/foobar-provision\/secrets\/foobar\.com\.key-[0-9a-f]{12}\n1\n$/);
    }
  });
});

describe.each(['bookworm', 'sid'] as const)('HTTPS on %s', (suite) => {
  const here = lab(suite, {}, withoutAuthority());

  test('works, is healthy, and leaves an empty plan, even after a restart', async () => {
    const ca = await authority(here.host.gateway);
    try {
      await ca.lead(names, here.host.address);
      const web = { cache: true, logins: { paths: ['/login'] } };
      const options = {
        cwd: folder({ 'foobar.config.json': JSON.stringify({ ...site, web, https: { directory: ca.directory, caBundle: ca.bundle } }) }),
        env: ca.env,
      };
      const ended = await cli(here.host, 'apply', ['--yes'], options);
      expect([ended.code, ended.stderr]).toEqual([0, '']);
      expect([tls(ended).warning, tls(ended).log]).toEqual([undefined, undefined]);
      await here.reboot();
      expect((await exec(here.host, 'systemctl is-system-running --wait')).stdout).toBe('running\n');
      expect(await cli(here.host, 'plan', [], options)).toMatchObject({ code: 0 });
      expect(await cli(here.host, 'verify', [], options)).toMatchObject({ code: 0 });
      const { headers } = await askSecurely(here.host.address, 'www.foobar.com');
      expect(headers['strict-transport-security']).toBe('max-age=63072000');
    } finally {
      await ca.end();
    }
  });
});
