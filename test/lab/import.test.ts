import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { ask } from './ask.ts';
import { begin, cli, type Ended, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { blogScript, oldPackages, shopScript, treeScript, wordsForBoth } from './old-server.ts';
import { stack } from './packages.ts';
import { talk } from './terminal.ts';

/** Returns the checks with this state, as `name: detail`. */
const findings = (ended: Ended, state: string) =>
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
      'left out: crontab of www-data:3: @reboot touch /tmp/x cannot be imported as a scheduled command.',
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
      'left out: blog is not root there, so only files that this user may read were seen.',
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

  test('from a server with the programs of busybox is refused before anything is copied', async () => {
    const made = await exec(
      old.host,
      'set -e; DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends busybox >/dev/null 2>&1; busybox --install -s /usr/local/bin; readlink "$(command -v find)"',
    );
    expect(made.stdout).toMatch(/\/busybox\n$/);
    const cwd = folder();
    const ended = await cli(old.host, 'import', ['--site', 'shop.test', '--yes'], { cwd });
    await exec(old.host, '/usr/bin/find /usr/local/bin -lname "*/busybox" -delete');
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('lacks GNU find, GNU tar, which copying a site needs.')]);
    expect(ended.events.at(-1)).toMatchObject({ error: { hint: expect.stringContaining('Install them there, then run it again') } });
    expect(readdirSync(cwd)).toEqual([]);
  });

  describe('with a new server', () => {
    const next = lab('trixie', { include: stack });
    const cwd = folder();
    const config = {
      domain: 'shop.test',
      aliases: ['store.test'],
      app: { source: 'shop.test' },
      host: {},
      php: { extensions: [] },
      web: { headers: { 'X-Shop': 'yes' } },
    };

    /** Starts `import` with one key and one list of known hosts for both servers. */
    const move = (...args: readonly string[]) => {
      return begin(['import', ...wordsForBoth(old.host, next.host, cwd), '--site', 'shop.test', '--json', ...args], { cwd });
    };
    const details = (ended: Ended, name: string) =>
      named(ended, 'check').flatMap((check) => (check.check === name ? [String(check.detail)] : []));
    const page = async (host: Sandbox) => (await ask(host.address, 'shop.test'))?.body;

    test('copies nothing without consent', async () => {
      const key = readFileSync(`${next.host.identity}.pub`, 'utf8');
      await exec(
        old.host,
        `cat >>/root/.ssh/authorized_keys <<'END'\n${key}END\nfor n in $(seq 100); do head -c 1000000 /dev/urandom >"/var/www/shop/wp-content/uploads/film $n.mp4"; done; chown -R www-data: /var/www/shop`,
      );
      before = (await exec(old.host, treeScript)).stdout;
      writeFileSync(join(cwd, 'foobar.config.json'), JSON.stringify({ server: `root@${next.host.address}`, ...config }));
      const ended = await move().ended;
      expect([ended.code, existsSync(join(cwd, 'shop.test'))]).toEqual([0, false]);
    });

    test('continues a copy that was interrupted', async () => {
      const { child, ended } = move('--yes');
      let said = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (/copying the shared files: \d\d+\.\d MB/.test(said)) child.kill('SIGKILL');
      });
      await ended;
      expect(said).toMatch(/copying the shared files/);
      expect((await exec(next.host, 'find /srv/www/shop.test/shared -name "film [0-9]*" | wc -l')).stdout).not.toBe('0\n');
      const again = await move('--yes').ended;
      expect(again.code, again.stderr).toBe(0);
      const [, count] = /^(\d+) files? copied/.exec(details(again, 'shared files').at(-1) ?? '') ?? [];
      expect(Number(count)).toBeLessThan(127);
      expect(details(again, 'database').at(-1)).toMatch(/^1 table with 50 rows/);
      expect(details(again, 'shared files')).toContainEqual(expect.stringMatching(/^Could not be read: .*planted/));
    });

    test('serves the same page, from the same files and the same data', async () => {
      expect(await page(next.host)).toBe(await page(old.host));
      const hashes = (at: string) =>
        `cd ${at} && find . ! -name planted -type f -exec sha256sum {} + | sort; find . -type l -printf '%p %l\\n' | grep -v -e planted -e media; find . -type d | sort`;
      const there = (await exec(next.host, hashes('/srv/www/shop.test/shared/wp-content/uploads'))).stdout;
      const here = (
        await exec(
          old.host,
          `cp -rL /var/www/shop/wp-content/uploads/media /tmp/media; ${hashes('/var/www/shop/wp-content/uploads').replace('find .', 'find -L .').replace('! -name planted', '! -name planted ! -name latest')}; rm -r /tmp/media`,
        )
      ).stdout;
      expect(there.split('\n').filter((line) => line.includes('  ./'))).toEqual(here.split('\n').filter((line) => line.includes('  ./')));
      expect(there).toContain('./latest 2024/a space.jpg');
      expect(there).toContain('./empty\n');
      const trigger = await exec(
        next.host,
        `mariadb shop_test -N -e "INSERT INTO posts (title) VALUES ('quiet'); SELECT title FROM posts_view ORDER BY id DESC LIMIT 1; DELETE FROM posts WHERE title = 'QUIET'; SHOW CREATE VIEW posts_view"`,
      );
      expect(trigger.stdout).toMatch(/^QUIET\n.*DEFINER=`shop_test`@/);
    });

    test('changes nothing on the old server', async () => {
      expect((await exec(old.host, treeScript)).stdout).toBe(before);
    });

    test('at the switch, requires --again and copies only what has changed', async () => {
      const refused = await move('--yes').ended;
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--again')]);
      await exec(
        old.host,
        `cd /var/www/shop/wp-content; printf new >uploads/2024/new.txt; printf longer >'uploads/2024/a space.jpg'; rm uploads/2024/*.txt\\*  './uploads/2024/picture 1.jpg'; printf 'body { color: blue }\\n' >themes/plain/style.css; chown -R www-data: .
mariadb shop -e "INSERT INTO posts (title) VALUES ('zzz last')"`,
      );
      await exec(next.host, 'printf own >/srv/www/shop.test/shared/wp-content/uploads/2024/thumbnail.jpg');
      const ended = await move('--yes', '--again').ended;
      expect(ended.code, ended.stderr).toBe(0);
      expect(details(ended, 'shared files').at(-1)).toMatch(/^2 files copied, 1 kB, 1 removed/);
      expect(details(ended, 'application').at(-1)).toMatch(/^1 file copied/);
      expect(await page(old.host)).toContain('51 posts, the last is ZZZ LAST');
      const kept = await exec(
        next.host,
        'cat /srv/www/shop.test/shared/wp-content/uploads/2024/thumbnail.jpg; rm /srv/www/shop.test/shared/wp-content/uploads/2024/thumbnail.jpg; cat /srv/www/shop.test/current/wp-content/themes/plain/style.css',
      );
      expect(kept.stdout).toBe('ownbody { color: blue }\n');
      expect(await page(next.host)).toBe(await page(old.host));
    });

    test('shows no password in events, logs or lists of processes, and keeps none of the old ones', async () => {
      expect(readFileSync(join(cwd, 'shop.test/wp-config.php'), 'utf8')).toContain("getenv('DB_PASSWORD')");
      const found = await exec(
        next.host,
        `grep -rlF 'secret#1' /srv/www /etc /var/log /var/lib/foobar-provision 2>/dev/null; ls -d /run/foobar-provision-import* 2>/dev/null`,
      );
      expect(found.stdout).toBe('');
    });
  });

  describe('with a backup of a panel', () => {
    const next = lab('trixie', { include: stack });
    const cwd = folder();
    const archive = join(cwd, 'cpmove-anna.tar.gz');
    const take = (...args: readonly string[]) =>
      begin(
        [
          'import',
          archive,
          '--identity',
          next.host.identity,
          '--known-hosts',
          next.host.knownHosts,
          '--site',
          'shop.test',
          '--json',
          ...args,
        ],
        {
          cwd,
        },
      ).ended;

    test('shows what is in it, and copies nothing without consent', async () => {
      const made = await exec(
        old.host,
        `set -e
rm -rf /tmp/cpmove-anna; mkdir -p /tmp/cpmove-anna/userdata /tmp/cpmove-anna/cp /tmp/cpmove-anna/cron /tmp/cpmove-anna/mysql /tmp/cpmove-anna/homedir
cd /tmp/cpmove-anna
printf -- '---\\nmain_domain: shop.test\\naddon_domains: {}\\nparked_domains:\\n  - store.test\\nsub_domains: []\\n' >userdata/main
printf -- '---\\ndocumentroot: /var/www/shop\\nhomedir: /var/www\\nserveralias: www.shop.test mail.shop.test\\n' >userdata/shop.test
printf 'USER=anna\\n' >cp/anna
printf '*/5 * * * * php /var/www/shop/wp-cron.php\\n' >cron/anna
mariadb-dump --single-transaction --routines --triggers shop >mysql/shop.sql
cp -a /var/www/shop homedir/shop
ln homedir/shop/index.php homedir/shop/wp-content/uploads/second-name.txt
tar czf /tmp/cpmove-anna.tar.gz -C /tmp cpmove-anna
base64 -w 0 /tmp/cpmove-anna.tar.gz; rm -rf /tmp/cpmove-anna*`,
      );
      writeFileSync(archive, Buffer.from(made.stdout, 'base64'));
      const ended = await take('--server', `root@${next.host.address}`);
      expect(ended.code, ended.stderr).toBe(0);
      expect(findings(ended, 'ok')).toEqual([
        'application: WordPress in /var/www/shop',
        expect.stringMatching(/^files: \d+ files, .* in wp-content\/uploads$/),
        expect.stringMatching(/^database: cpmove-anna\/mysql\/shop\.sql, .*; wp-config\.php names shop$/),
        'cron: 1 scheduled command',
      ]);
      expect(findings(ended, 'warning')).toEqual([expect.stringMatching(/^left out: Links with absolute targets: 2/)]);
      const text = readFileSync(join(cwd, 'foobar.config.ts'), 'utf8');
      for (const part of [
        "domain: 'shop.test',\n  aliases: ['store.test'],",
        "source: './shop.test', // WordPress",
        "command: 'php /srv/www/shop.test/current/wp-cron.php'",
      ])
        expect(text).toContain(part);
      expect([existsSync(join(cwd, 'shop.test')), text.includes('secret#1')]).toEqual([false, false]);
    });

    test('asks at a terminal, and Ctrl-C at each question leaves nothing on the new server', async () => {
      const words = ['import', archive, '--identity', next.host.identity, '--known-hosts', next.host.knownHosts, '--site', 'shop.test'];
      const questions = [/Copy the application to shop\.test\?/, /Set up shop\.test on the new server, and copy/, /Apply this plan\?/];
      const state =
        'ls /srv/www /etc/foobar-provision /var/lib/foobar-provision /run/foobar-provision* 2>/dev/null; dpkg -l | md5sum; id shop_test 2>&1';
      const before = (await exec(next.host, state)).stdout;
      for (const [index] of questions.entries()) {
        const answers = questions.slice(0, index + 1).map((question, each) => [question, each === index ? '\u0003' : 'y'] as const);
        const { code, screen } = await talk(words, answers, { cwd, columns: 80 });
        expect([code, screen], screen).toEqual([130, expect.stringContaining('Interrupted.')]);
        expect((await exec(next.host, state)).stdout).toBe(before);
      }
    });

    test('serves the same page as the old server, from its files and its dump', async () => {
      const ended = await take('--yes');
      expect(ended.code, `${ended.stdout}\n${ended.stderr}`).toBe(0);
      expect((await ask(next.host.address, 'shop.test'))?.body).toBe((await ask(old.host.address, 'shop.test'))?.body);
      expect(findings(ended, 'ok')).toContainEqual(expect.stringMatching(/^database: 1 table with 5\d rows, /));
      expect(findings(ended, 'warning')).toContainEqual(expect.stringMatching(/^shared files: Links that lead out .*planted/));
      const links = await exec(
        next.host,
        'cd /srv/www/shop.test/shared/wp-content/uploads && find . -type l; cat ./-rf 2>/dev/null; find . -newer /etc/hostname -user root',
      );
      expect(links.stdout).not.toContain('planted');
      expect(readFileSync(join(cwd, 'shop.test/wp-config.php'), 'utf8')).toContain("getenv('DB_PASSWORD')");
    });

    test('again, from a newer one, copies what has changed', async () => {
      const refused = await take('--yes');
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--again')]);
      const again = await take('--yes', '--again');
      expect(again.code, again.stderr).toBe(0);
      expect(findings(again, 'ok')).toContainEqual(expect.stringMatching(/^shared files: 0 files copied/));
    });
  });
});
