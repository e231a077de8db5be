import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { askSecurely } from './ask-securely.ts';
import { type Authority, authority, withoutAuthority } from './authority.ts';
import { cli, type Ended, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { stack } from './packages.ts';

const site = {
  domain: 'www.foobar.com',
  php: { extensions: [] },
  host: { upgrades: false, limits: false, passwords: false, integrity: false },
};
const names = ['www.foobar.com', 'foobar.com'];

/** What a run said of one hop. */
function hop(ended: Ended, name: string): Record<string, unknown> {
  return named(ended, 'health').find((each) => each.hop === name) ?? {};
}

describe('HTTPS', () => {
  const here = lab('trixie', { include: stack }, withoutAuthority());
  let ca: Authority;
  let cwd: string;

  beforeAll(async () => {
    if (withoutAuthority() !== undefined) return;
    ca = await authority(here.host.gateway);
    cwd = folder({ 'foobar.config.json': JSON.stringify({ ...site, https: { directory: ca.directory, caBundle: ca.bundle } }) });
  });
  afterAll(async () => {
    await ca?.end();
  });
  const run = (command: string, args: readonly string[] = []) => cli(here.host, command, args, { cwd, env: ca.env });

  test('with a self-signed certificate redirects HTTP, and leaves an empty plan', async () => {
    const options = { cwd: folder({ 'foobar.config.json': JSON.stringify({ ...site, https: 'self-signed' }) }) };
    const ended = await cli(here.host, 'apply', ['--yes'], options);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(hop(ended, 'tls')).toMatchObject({ ok: true, detail: expect.stringContaining('self-signed') });
    const page = await askSecurely(here.host.address, 'www.foobar.com');
    expect(page).toMatchObject({ status: 200, issuer: 'self-signed by foobar-provision' });
    expect(page.headers['strict-transport-security']).toBeUndefined();
    expect((await ask(here.host.address, 'foobar.com', '/x'))?.status).toBe(301);
    expect(await cli(here.host, 'plan', [], options)).toMatchObject({ code: 0 });
  });

  test('from a CA waits while the names point elsewhere: HTTP stays, and the records to create are named', async () => {
    await ca.lead(names, '203.0.113.9');
    const ended = await run('apply', ['--yes']);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(named(ended, 'note').map(({ text }) => text)).toContainEqual(
      `HTTPS for foobar.com waits for DNS: change www.foobar.com. A 203.0.113.9 to www.foobar.com. A ${here.host.address}; change foobar.com. A 203.0.113.9 to foobar.com. A ${here.host.address}.`,
    );
    expect((await ask(here.host.address, 'foobar.com', '/'))?.status).toBe(200);
    await expect(askSecurely(here.host.address, 'www.foobar.com')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const { stdout } = await exec(here.host, 'ls /etc/foobar-provision/tls /usr/bin/certbot 2>/dev/null');
    expect(stdout).toBe('');
  });

  test('starts with the records: a certificate, redirects from HTTP and other names, and HSTS once it is proven', async () => {
    await ca.lead(names, here.host.address);
    const ended = await run('apply', ['--yes']);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(hop(ended, 'tls')).toMatchObject({ ok: true, detail: expect.stringMatching(/^TLSv1\.3, by Pebble .*, 18\d\d days left$/) });
    expect(hop(ended, 'tls').warning).toBeUndefined();
    expect(hop(ended, 'app').detail).toContain('redirected to https://www.foobar.com/');
    const trusted = { ca: readFileSync(ca.bundle, 'utf8') };
    const page = await askSecurely(here.host.address, 'www.foobar.com', '/', trusted);
    expect([page.status, page.headers['strict-transport-security']]).toEqual([200, 'max-age=63072000']);
    const other = await askSecurely(here.host.address, 'foobar.com', '/a?b', trusted);
    expect([other.status, other.headers.location]).toEqual([301, 'https://www.foobar.com/a?b']);
    expect(await run('plan')).toMatchObject({ code: 0 });
    expect(named(ended, 'change').length).toBe(ended.events.at(-1)?.changed);
  });

  test('stays on without DNS', async () => {
    await ca.lead(names);
    expect(await run('plan')).toMatchObject({ code: 0 });
  });

  test.each([
    ['/.env', 404],
    ['/.git/config', 404],
    ['/uploads/x.php', 404],
    ['/assets/site.css/x.php', 404],
    ['/index.php~', 404],
    ['/backup.sql', 404],
    ['/assets/..%2f..%2f..%2fetc/passwd', 400],
    ['/..%2f..%2fmigrations/0001_counter_and_guestbook.sql', 400],
  ])('refuses %s', async (path, status) => {
    expect((await askSecurely(here.host.address, 'www.foobar.com', path)).status).toBe(status);
  });

  test('refuses unknown names, over HTTP and before any certificate is shown, and bodies over the limit', async () => {
    expect(await ask(here.host.address, 'other.example')).toBeUndefined();
    await expect(askSecurely(here.host.address, 'other.example')).rejects.toThrow(/unrecognized name/);
    await expect(askSecurely(here.host.address, '', '/')).rejects.toThrow();
    const large = { method: 'POST', headers: { 'Content-Length': String(40 * 2 ** 20) } };
    expect((await askSecurely(here.host.address, 'www.foobar.com', '/guestbook', large)).status).toBe(413);
  });

  test('shows no version, and sends the security headers', async () => {
    const { headers } = await askSecurely(here.host.address, 'www.foobar.com', '/assets/site.css');
    expect(headers).toMatchObject({
      server: 'nginx',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'content-security-policy': "frame-ancestors 'self'; base-uri 'self'",
      'alt-svc': 'h3=":443"; ma=86400',
    });
    expect(headers['x-powered-by']).toBeUndefined();
    const page = await askSecurely(here.host.address, 'www.foobar.com', '/');
    // The application's own word counts, and stands alone.
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'[^,]*$/);
    expect(page.headers['x-content-type-options']).toBe('nosniff');
  });

  test('500 connections that send slowly do not block others', async () => {
    const slow = Array.from({ length: 500 }, (_, index) => {
      const socket = connect({ host: here.host.address, port: index % 2 ? 80 : 443 });
      socket.on('error', () => undefined);
      socket.write('GET / HTTP/1.1\r\nHost: www.foobar.com\r\nX: ');
      return socket;
    });
    try {
      for (let times = 0; times < 5; times++) {
        const start = performance.now();
        expect((await askSecurely(here.host.address, 'www.foobar.com')).status).toBe(200);
        expect(performance.now() - start).toBeLessThan(5000);
      }
      await expect.poll(() => slow.filter(({ closed, readableEnded }) => !closed && !readableEnded).length, { timeout: 30_000 }).toBe(0);
    } finally {
      for (const socket of slow) socket.destroy();
    }
  });

  test('leaves nothing behind when it is removed', async () => {
    const ended = await run('destroy', ['--yes', '--allow-destroy']);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const { stdout } = await exec(
      here.host,
      'ls -d /etc/foobar-provision /etc/letsencrypt/live/* /var/lib/foobar-provision /usr/local/sbin/foobar-provision-certificate 2>/dev/null; systemctl list-timers --all --plain --no-legend | grep -c "foobar\\|certbot"',
    );
    expect(stdout).toBe('0\n');
  });
});
