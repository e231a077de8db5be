import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';
import { cli, folder, named } from './cli.ts';
import { differences, fingerprint } from './fingerprint.ts';
import { exec, lab } from './host.ts';

const app = { source: folder({ 'public/index.php': '<?php echo "one";', 'public/index.html': 'one' }), runtime: 'static' };
const host = { upgrades: false, limits: false, passwords: false, integrity: false, sandbox: false, ssh: false, firewall: false };
const site = (domain: string, more: object = {}) => ({ domain, www: false, https: false, app, database: { engine: 'none' }, ...more });
const configured = (config: object) => ({ cwd: folder({ 'foobar.config.json': JSON.stringify({ host, ...config }) }) });
const apply = ['--yes'];
const selfSigned = [
  'req',
  '-x509',
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:prime256v1',
  '-nodes',
  '-days',
  '9',
  '-subj',
  '/CN=second.test',
  '-addext',
  'subjectAltName=DNS:second.test',
];

/** What the program says went wrong, with what to do. */
function said(ended: Awaited<ReturnType<typeof cli>>): string {
  return JSON.stringify(named(ended, 'result').at(-1)?.error);
}

describe.skipIf(unsupported() !== undefined)('a host with pre-existing resources', () => {
  const here = lab('trixie');
  const timezone = 'Europe/Berlin';
  const rest = [site('three.test'), site('two.test', { database: { engine: 'mariadb' } })];
  const all = configured({ name: 'all', timezone, sites: [site('one.test', { https: 'self-signed' }), ...rest] });

  test('their accounts and databases are refused by name, before anything is changed', async () => {
    await exec(
      here.host,
      `systemd-run --quiet --unit=theirs perl -MIO::Socket::INET -e 'my $theirs = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => 3306) or die; sleep 600'
until ss -Hltn | grep -q :3306; do sleep 0.1; done`,
    );
    expect(said(await cli(here.host, 'apply', apply, all))).toMatch(
      /Port 3306 of .* is taken by perl \(pid \d+\), so mariadb could not start/,
    );
    await exec(here.host, 'systemctl stop theirs');
    expect(await cli(here.host, 'apply', apply, all)).toMatchObject({ code: 0 });
    await exec(
      here.host,
      `mariadb -e "CREATE USER shop@localhost IDENTIFIED BY 'theirs'; CREATE DATABASE shop; CREATE TABLE shop.orders (id INT); GRANT ALL ON shop.* TO shop@localhost"
useradd --create-home --shell /bin/bash four_test
mkdir -p /srv/www/four.test/releases/1 /srv/www/four.test/shared
echo theirs >/srv/www/four.test/index.html
chown -R four_test /srv/www/four.test
echo '# theirs' >/etc/nginx/sites-available/four.test.conf
printf 'server {\\n  listen 80;\\n  server_name four.example\\n    four.test; # ours\\n}\\n' >/etc/nginx/sites-enabled/own
ln -s /etc/nginx/sites-available/four.test.conf /etc/nginx/sites-enabled/
printf '[Service]\nExecStart=/bin/true\n' >/etc/systemd/system/four.test-tidy.service`,
    );
    const before = await fingerprint(here.host);
    const dynamic = { app: { ...app, runtime: 'php' }, cron: { tidy: { command: 'true', schedule: 'daily' } } };
    const taking = {
      name: 'more',
      sites: [site('four.test', { ...dynamic, database: { engine: 'mariadb', name: 'shop', user: 'shop' } })],
    };
    const ended = await cli(here.host, 'apply', apply, configured(taking));
    expect(ended.code).toBe(1);
    const theirs = [
      'user:four_test',
      'mysql-database:shop',
      'mysql-user:shop',
      'directory:/srv/www/four.test exists',
      'directory:/srv/www/four.test/releases',
      'file:/etc/nginx/sites-available/four.test.conf',
      'symlink:/etc/nginx/sites-enabled/four.test.conf',
      'file:/etc/systemd/system/four.test-tidy.service',
      'would serve four.test, which /etc/nginx/sites-enabled/own already serves',
    ];
    for (const name of theirs) expect(said(ended)).toContain(name);
    expect(differences(before, await fingerprint(here.host))).toEqual([]);
    expect((await exec(here.host, "mariadb -u shop -ptheirs -BN -e 'SELECT COUNT(*) FROM shop.orders'")).stdout).toBe('0\n');
    const reserved = configured({ name: 'more', sites: [site('four.test', { database: { engine: 'mariadb', user: 'root' } })] });
    expect((await cli(here.host, 'apply', apply, reserved)).stderr).toContain('sites.0.database.user');
  });

  test('a site reaches its database over loopback, and no other one', async () => {
    const login = 'mariadb -h 127.0.0.1 -u two_test -p"$(cat /etc/foobar-provision/secrets/two.test.database)" -BN -e';
    const asked = await exec(here.host, `${login} 'SELECT CURRENT_USER()' two_test; ${login} 'SELECT 1' shop 2>&1`);
    expect(asked.stdout).toMatch(/^two_test@127\.0\.0\.1\nERROR 1044/);
    // Whoever changes the one account changes the other, and both are repaired.
    const pattern = '`two\\_test`';
    await exec(here.host, `mariadb -e 'ALTER USER two_test@127.0.0.1 ACCOUNT LOCK; REVOKE DROP ON ${pattern}.* FROM two_test@127.0.0.1'`);
    const plan = await cli(here.host, 'plan', [], all);
    // The owner has added a site since, so what ours share no longer applies to all of Nginx.
    expect(named(plan, 'change').map(({ resource, summary }) => [resource, summary])).toEqual([
      ['file:/etc/nginx/conf.d/foobar-provision.conf', expect.stringMatching(/^content/)],
      ['file:/etc/nginx/snippets/foobar-connections.conf', expect.stringMatching(/^content/)],
      ['mysql-user:two_test', expect.stringMatching(/password again from 127.*grant DROP from 127/)],
      ['handler:reload:nginx.service', 'reload nginx'],
    ]);
    expect((await cli(here.host, 'apply', apply, all)).code).toBe(0);
    expect((await cli(here.host, 'plan', [], all)).code).toBe(0);
  });

  test('a site keeps its files if its user was deleted, and if another account has its number', async () => {
    const owners = `stat -c '%n %u %g' /srv/www/one.test/shared /srv/www/one.test/shared/a /srv/www/one.test/shared/a/b /srv/elsewhere | sed 's,^.*/,,'`;
    const before = await exec(
      here.host,
      `cd /srv/www/one.test/shared && setpriv --reuid=one_test --regid=one_test --clear-groups sh -c 'mkdir a && echo upload >a/b'
mkdir /srv/elsewhere; id -u one_test; id -g one_test
userdel one_test; ${owners}`,
    );
    const [uid = '', gid = ''] = before.stdout.split('\n');
    expect((await cli(here.host, 'plan', [], all)).code).toBe(2);
    expect((await cli(here.host, 'apply', apply, all)).code).toBe(0);
    const again = await exec(here.host, `id -u one_test; id -g one_test; ${owners}`);
    expect(again.stdout).toBe(before.stdout);
    expect((await cli(here.host, 'plan', [], all)).code).toBe(0);

    await exec(
      here.host,
      `userdel one_test; groupadd --gid ${gid} somebody; useradd --uid ${uid} --gid ${gid} somebody; chown somebody:somebody /srv/elsewhere
ln /srv/www/one.test/shared/a/b /srv/elsewhere/link; echo own >/srv/www/one.test/shared/of-root`,
    );
    expect((await cli(here.host, 'apply', apply, all)).code).toBe(0);
    const other = await exec(
      here.host,
      `${owners}; ls /srv/elsewhere; stat -c %U /srv/www/one.test/shared/of-root; id -u one_test; id -g one_test`,
    );
    const rows = other.stdout.trim().split('\n');
    const [now, group] = rows.slice(-2);
    expect([now, group]).not.toContain(uid);
    expect(rows).toEqual([
      expect.stringMatching(new RegExp(`^shared ${now} \\d+$`)),
      `a ${now} ${group}`,
      // Another link may be somebody else's.
      `b ${uid} ${gid}`,
      `elsewhere ${uid} ${gid}`,
      'link',
      'root',
      now,
      group,
    ]);
    expect((await cli(here.host, 'plan', [], all)).code).toBe(0);
    // What nobody owns is the site's again, wherever it came from.
    await exec(here.host, 'rm -r /srv/elsewhere; userdel somebody');
    expect(named(await cli(here.host, 'plan', [], all), 'change').map(({ resource, summary }) => [resource, summary])).toEqual([
      ['group:one_test', `take over the files in /srv/www/one.test/shared of number ${gid}, which no account has`],
      ['user:one_test', `take over the files in /srv/www/one.test/shared of number ${uid}, which no account has`],
    ]);
    expect((await cli(here.host, 'apply', apply, all)).code).toBe(0);
    expect((await exec(here.host, owners)).stdout).toContain(`b ${now} ${group}\n`);
    expect((await cli(here.host, 'plan', [], all)).code).toBe(0);
  });

  test("a second configuration adopts the first one's decisions, is refused if it contradicts them, and neither undoes the other", async () => {
    const modern = { https: { tls: 'modern', certificate: 'chain.pem', key: 'key.pem' } };
    const certificate = folder();
    execFileSync('openssl', [...selfSigned, '-keyout', join(certificate, 'key.pem'), '-out', join(certificate, 'chain.pem')], {
      stdio: 'ignore',
    });
    const second = (more: object = {}) => {
      const made = configured({ name: 'second', sites: [site('second.test', { ...modern, database: { engine: 'mariadb' } })], ...more });
      cpSync(certificate, made.cwd, { recursive: true });
      return made;
    };
    for (const [more, why] of [
      [{ timezone: 'Asia/Tokyo' }, 'all, which was on this host first'],
      [{ sites: [site('second.test', { aliases: ['one.test'] })] }, 'one.test is served on this host by another configuration, all.'],
    ] as const)
      expect(said(await cli(here.host, 'apply', apply, second(more)))).toContain(why);
    const applied = await cli(here.host, 'apply', apply, second());
    expect(applied).toMatchObject({ code: 0 });
    expect(JSON.stringify(named(applied, 'note'))).toContain(`The configuration all was on this host first`);
    for (const each of [all, second(), all, second()]) expect(await cli(here.host, 'apply', apply, each)).toMatchObject({ code: 0 });
    for (const each of [all, second()]) expect(await cli(here.host, 'plan', [], each)).toMatchObject({ code: 0 });
    const { stdout } = await exec(here.host, 'readlink /etc/localtime; grep -h include /etc/nginx/sites-enabled/foobar-default-tls.conf');
    expect(stdout).toContain(`/usr/share/zoneinfo/${timezone}\n`);
    expect(stdout).toContain('foobar-tls-intermediate.conf');
    expect(await cli(here.host, 'destroy', ['--yes', '--allow-destroy'], second())).toMatchObject({ code: 0 });
    expect(await cli(here.host, 'plan', [], all)).toMatchObject({ code: 0 });
  });

  test('what somebody creates after the plan is not taken over, and stays', async () => {
    const late = configured({ name: 'late', sites: [site('late.test', { database: { engine: 'mariadb' } })] });
    const script = join(here.host.root, 'root/late.sh');
    const before = await fingerprint(here.host);
    for (const [make, away, what] of [
      ['useradd late_test', 'userdel late_test', 'created the group late_test'],
      ['mkdir /srv/www/late.test', 'rmdir /srv/www/late.test', 'created /srv/www/late.test'],
      ['echo theirs >$site', 'grep -qx theirs $site && rm $site', 'created /etc/nginx/sites-available/late.test.conf'],
      ['mariadb -e "CREATE DATABASE late_test"', 'mariadb -e "DROP DATABASE late_test"', 'database exists'],
      [
        `mariadb -e "CREATE USER late_test@localhost IDENTIFIED BY 'theirs'"`,
        `mariadb -u late_test -ptheirs -e 'SELECT 1' && mariadb -e 'DROP USER late_test@localhost'`,
        "CREATE USER failed for 'late_test'@'localhost'",
      ],
    ] as const) {
      expect(await cli(here.host, 'export', ['--out', script], late)).toMatchObject({ code: 0 });
      const { stdout } = await exec(
        here.host,
        `site=/etc/nginx/sites-available/late.test.conf
${make}; sh /root/late.sh; echo "ended $?"; cat /var/lib/foobar-provision/runs/export-late/log; ${away}; echo "away $?"
rm -r /root/late.sh /var/lib/foobar-provision/runs/export-late /var/lib/foobar-provision/owed/late /var/lib/foobar-provision/incoming/*`,
      );
      expect(stdout).toContain('ended 5\n');
      expect(stdout).toContain(what);
      expect(stdout).toContain('away 0\n');
    }
    expect(differences(before, await fingerprint(here.host))).toEqual([]);
  });

  test('a configuration without its first site learns its name; with that name, the plan shows what is removed, and the rest stays', async () => {
    const unnamed = await cli(here.host, 'apply', apply, configured({ timezone, sites: rest }));
    expect(unnamed.code).toBe(1);
    expect(said(unnamed)).toContain("name: 'all'");
    const plan = await cli(here.host, 'plan', [], configured({ name: 'all', timezone, sites: rest }));
    const changed = named(plan, 'change');
    expect(changed.every(({ action, resource }) => action === 'remove' || String(resource).startsWith('handler:'))).toBe(true);
    expect(changed.filter(({ resource }) => /one\.test|one_test/.test(String(resource))).length).toBeGreaterThan(3);
    expect(changed.filter(({ resource }) => /two|three/.test(String(resource)))).toEqual([]);
    expect((await cli(here.host, 'apply', apply, configured({ name: 'all', timezone, sites: rest }))).code).toBe(0);
    const again = await cli(here.host, 'plan', [], configured({ name: 'all', timezone, sites: rest }));
    expect([again.code, named(again, 'refused').map(({ resource }) => resource)]).toEqual([0, ['directory:/srv/www/one.test/shared']]);
  });

  test('a renamed site is another site, and its data stays: the plan says so', async () => {
    await exec(
      here.host,
      `mariadb two_test -e 'CREATE TABLE orders (id INT); INSERT INTO orders VALUES (7)'
cd /srv/www/two.test/shared && setpriv --reuid=two_test --regid=two_test --clear-groups sh -c 'echo upload >upload'`,
    );
    const login = (domain: string) =>
      `mariadb -u two_test -p"$(cat /etc/foobar-provision/secrets/${domain}.database)" -BN two_test -e 'SELECT id FROM orders'`;
    const data =
      'cat /srv/www/two.test/shared/upload; stat -c %U /srv/www/two.test/shared/upload; mariadb -BN two_test -e "SELECT id FROM orders"';
    const [three] = rest;
    const steps: readonly [string, object, readonly string[]][] = [
      ['dos.test', { name: 'two_test', user: 'two_test' }, ['directory:/srv/www/two.test/shared']],
      ['tres.test', {}, ['directory:/srv/www/two.test/shared', 'mysql-database:two_test']],
    ];
    for (const [domain, database, kept] of steps) {
      const now = configured({ name: 'all', timezone, sites: [three, site(domain, { database: { engine: 'mariadb', ...database } })] });
      const plan = await cli(here.host, 'plan', [], now);
      expect(JSON.stringify(named(plan, 'note'))).toContain(`is removed, and ${domain} is new`);
      const refused = named(plan, 'refused').map(({ resource }) => String(resource));
      expect(refused.filter((name) => !name.includes('one')).sort()).toEqual(kept);
      expect(await cli(here.host, 'apply', apply, now)).toMatchObject({ code: 0 });
      expect((await exec(here.host, data)).stdout).toBe('upload\ntwo_test\n7\n');
      if (domain === 'dos.test') expect((await exec(here.host, login(domain))).stdout).toBe('7\n');
      expect(await cli(here.host, 'plan', [], now)).toMatchObject({ code: 0 });
    }
    const { stdout } = await exec(here.host, 'ls /etc/nginx/sites-enabled; mariadb -BN -e "SHOW DATABASES"');
    expect(stdout).toMatch(/three\.test\.conf\ntres\.test\.conf/);
    expect(stdout).not.toMatch(/(one|two|dos)\.test/);
    expect(stdout).toContain('tres_test\n');
  });

  test('a time zone that the configuration no longer names stays on the host, but not in its record', async () => {
    const [three] = rest;
    const now = configured({ name: 'all', sites: [three, site('tres.test', { database: { engine: 'mariadb' } })] });
    const zone = 'readlink /etc/localtime; cat /etc/timezone; grep -c timezone /var/lib/foobar-provision/manifests/all.json';
    const named = `/usr/share/zoneinfo/${timezone}\n${timezone}\n`;
    expect((await exec(here.host, zone)).stdout).toBe(`${named}1\n`);
    for (const command of ['plan', 'apply', 'plan'])
      expect(await cli(here.host, command, command === 'apply' ? apply : [], now)).toMatchObject({ code: 0 });
    expect((await exec(here.host, zone)).stdout).toBe(`${named}0\n`);
  });
});
