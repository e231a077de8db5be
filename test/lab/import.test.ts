import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cli, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { blogScript, oldPackages, shopScript, treeScript } from './old-server.ts';

/** What `import` found, and what it left out, by the names of its findings. */
const findings = (ended: Awaited<ReturnType<typeof cli>>, state: string) =>
  named(ended, 'check')
    .filter((check) => check.state === state)
    .map(({ check, detail }) => `${check}: ${detail}`);

describe('import', () => {
  const old = lab('trixie', { include: oldPackages });
  const here = folder();
  let before = '';

  test('reads a site of Apache, and writes a configuration for it', async () => {
    const made = await exec(old.host, `${shopScript()}\n${blogScript}\n`);
    expect(made.stderr, made.stdout).toBe('');
    before = (await exec(old.host, treeScript)).stdout;
    expect(before.length).toBeGreaterThan(10_000);
    const ended = await cli(old.host, 'import', ['--site', 'shop.test', '--server', 'root@new.test'], { cwd: here });
    expect(ended.code, ended.stderr).toBe(0);
    expect(findings(ended, 'ok')).toEqual([
      'web server: Apache, /etc/apache2/sites-enabled/shop.conf:1, as shop.test, www.shop.test, store.test',
      'application: WordPress in /var/www/shop',
      expect.stringMatching(/^files: \d+ files, 2\.\d MB, of which 2\.\d MB in wp-content\/uploads; read as www-data$/),
      'PHP: 8.4, upload_max_filesize = 64M, post_max_size = 70M',
      expect.stringMatching(
        /^database: shop of 11\.8\.\S+-MariaDB.* 1 table, .*utf8mb4_uca1400_ai_ci; wp-config\.php says how to reach it$/,
      ),
      'cron: 1 scheduled command',
    ]);
    expect(findings(ended, 'warning')).toEqual([
      'left out: /etc/apache2/sites-enabled/shop.conf:17: authtype Basic',
      'left out: /etc/apache2/sites-enabled/shop.conf:18: authname Staff',
      'left out: /etc/apache2/sites-enabled/shop.conf:19: require valid-user',
      'left out: crontab of www-data:3: @reboot touch /tmp/x is not a schedule that can be taken over.',
    ]);
    const text = readFileSync(join(here, 'foobar.config.ts'), 'utf8');
    for (const part of [
      "server: 'root@new.test',",
      "domain: 'shop.test',\n  aliases: ['store.test'],",
      "source: './shop.test', // WordPress",
      "upload_max_filesize: '64M',",
      "'/legacy/*': { redirect: 'https://archive.test/$1', permanent: true },",
      "deny: ['/internal/'],",
      "'X-Shop': 'yes',",
      "//   'wp-cron': { command: 'php /srv/www/shop.test/current/wp-cron.php >/dev/null 2>&1', schedule: '*/5 * * * *' },",
    ])
      expect(text).toContain(part);
    expect(text + JSON.stringify(ended.events)).not.toContain('secret#1');
  });

  test('reads a site of Nginx with its own pool as the site’s user, who is not root', async () => {
    await exec(
      old.host,
      'install -d -m 700 -o blog -g blog /home/blog/.ssh; install -o blog -g blog -m 600 /root/.ssh/authorized_keys /home/blog/.ssh/',
    );
    before = (await exec(old.host, treeScript)).stdout;
    const cwd = folder();
    const ended = await cli(old.host, 'import', ['--site', 'blog.test'], { cwd, user: 'blog' });
    expect(ended.code, ended.stderr).toBe(0);
    expect(findings(ended, 'ok')).toEqual([
      'web server: Nginx, /etc/nginx/sites-enabled/blog:1, as blog.test',
      'application: Laravel in /home/blog/app, of which public is served',
      expect.stringMatching(/^files: .* in storage, \.env; read as blog$/),
      'PHP: 8.4, memory_limit = 256M',
      expect.stringMatching(/^database: blog_db of .* 2 tables, .*; \.env says how to reach it$/),
      'cron: 1 scheduled command',
      'workers: blog-queue',
    ]);
    expect(findings(ended, 'warning')).toEqual([
      'left out: blog is not root there, so only what this user may read was seen.',
      'left out: /etc/nginx/sites-enabled/blog:26: auth_basic Staff',
      'left out: /etc/nginx/sites-enabled/blog:27: auth_basic_user_file /etc/nginx/staff',
      'left out: The web server or PHP-FPM sets EXTRA_KEY for the application; add it to app.env.',
      expect.stringContaining('left out: Tables of blog_db without InnoDB: 1.'),
    ]);
    const text = readFileSync(join(cwd, 'foobar.config.ts'), 'utf8');
    for (const part of [
      "shared: ['storage', '.env'],",
      "'/live': 6001,",
      "deny: ['/drafts/', '/*.bak', '/*.sql'],",
      "'X-Robots-Tag': 'noindex',",
      'count: 2',
    ])
      expect(text).toContain(part);
    expect(text + JSON.stringify(ended.events)).not.toContain('p4ss');
  });

  test('leaves a configuration that exists as it is', async () => {
    const text = readFileSync(join(here, 'foobar.config.ts'), 'utf8');
    const ended = await cli(old.host, 'import', ['--site', 'shop.test', '--server', 'root@elsewhere.test'], { cwd: here });
    expect([ended.code, readFileSync(join(here, 'foobar.config.ts'), 'utf8')]).toEqual([0, text]);
  });

  test.each([
    ['no site named where there are several', [], /has several sites: blog\.test, shop\.test|has several sites: shop\.test, blog\.test/],
    ['a site that is not there', ['--site', 'missing.test'], /No web server's configuration on .* names missing\.test; it has/],
    ['a folder that is not there', ['--site', 'missing.test', '--root', '/var/www/missing'], /does not exist or cannot be entered/],
  ])('says what is wrong: %s', async (_, args, message) => {
    const cwd = folder();
    const ended = await cli(old.host, 'import', args, { cwd });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(message);
    expect(existsSync(join(cwd, 'foobar.config.ts'))).toBe(false);
  });

  test('changes nothing on the old server', async () => {
    expect((await exec(old.host, treeScript)).stdout).toBe(before);
  });
});
