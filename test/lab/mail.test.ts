import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { cli, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { type Relay, relay } from './relay.ts';

const page = `<?php echo mail('a@example.net', 'Order', "Thank you\\n.\\nYours") ? 'sent' : 'not sent';`;
const passwords = { shop: 'p "w" $x \\ä #', blog: 'another' };

describe('mail', () => {
  const here = lab('trixie', { include: ['nginx', 'php8.4-fpm', 'msmtp-mta', 'ca-certificates'] });
  const app = folder({ 'shop/index.php': page, 'blog/index.php': page, 'quiet/index.php': page });
  let server: Relay | undefined;
  afterAll(() => server?.close());
  const mails = async (count: number) => {
    for (let left = 50; left > 0 && (server?.taken.length ?? 0) < count; left--) await sleep(100);
    return server?.taken ?? [];
  };

  test('is set up for each site, and missing for a site that sends mail without a relay', async () => {
    server = await relay(here.host.gateway, passwords);
    await exec(
      here.host,
      `cat >/usr/local/share/ca-certificates/relay.crt <<'END'\n${server.certificate}END\nupdate-ca-certificates >/dev/null 2>&1`,
    );
    const mailOf = (user: keyof typeof passwords) => ({
      mail: { host: here.host.gateway, port: server?.port, user, password: passwords[user], from: `${user}@example.com` },
    });
    const site = (name: string) => ({ domain: `${name}.test`, app: { source: name }, database: { engine: 'none' } });
    const cron = { report: { command: `php -r 'exit(mail("c@example.net", "Report", "all well") ? 0 : 1);'`, schedule: 'yearly' } };
    writeFileSync(
      join(app, 'foobar.config.json'),
      JSON.stringify({
        host: {},
        sites: [
          { ...site('shop'), ...mailOf('shop'), cron },
          { ...site('blog'), ...mailOf('blog') },
        ],
      }),
    );
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
    expect(ended.code, ended.stderr).toBe(0);
    expect(JSON.stringify(ended.events)).not.toContain(passwords.blog);
  });

  test('from PHP is sent through the relay of its site, with its login and its sender', async () => {
    const before = server?.taken.length ?? 0;
    expect((await ask(here.host.address, 'shop.test'))?.body).toBe('sent');
    expect((await ask(here.host.address, 'blog.test'))?.body).toBe('sent');
    const taken = (await mails(before + 2)).slice(before);
    expect(taken.map(({ user, sender, recipients }) => [user, sender, ...recipients])).toEqual([
      ['shop', 'shop@example.com', 'a@example.net'],
      ['blog', 'blog@example.com', 'a@example.net'],
    ]);
    expect(taken[0]?.text).toMatch(/^From: shop@example\.com\n[\s\S]*Subject: Order\n\nThank you\n\.\.\nYours\n$/);
  });

  test('from a scheduled command is sent the same way', async () => {
    const before = server?.taken.length ?? 0;
    expect((await exec(here.host, 'systemctl start shop.test-report.service')).stderr).toBe('');
    expect((await mails(before + 1)).slice(before)).toMatchObject([
      { user: 'shop', sender: 'shop@example.com', recipients: ['c@example.net'] },
    ]);
  });

  test("of one site cannot be sent with another site's password", async () => {
    const read = await exec(
      here.host,
      'setpriv --reuid=blog_test --regid=blog_test --init-groups cat /srv/www/shop.test/.config/msmtp/config',
    );
    expect([read.code, read.stdout]).toEqual([1, '']);
    expect((await exec(here.host, `stat -c '%U %a' /srv/www/shop.test/.config/msmtp/config`)).stdout).toBe('shop_test 400\n');
  });

  test('leaves an empty plan', async () => {
    const ended = await cli(here.host, 'plan', [], { cwd: app });
    expect([ended.code, named(ended, 'change')]).toEqual([0, []]);
  });
});

describe('mail without a relay', () => {
  const here = lab('trixie');

  test('is named in the plan', async () => {
    const app = folder({ 'index.php': page });
    const ended = await cli(here.host, 'plan', ['--app', app]);
    expect(JSON.stringify(ended.events)).toContain('sends mail with mail(), which fails on this host');
  });
});
