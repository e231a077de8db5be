import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Suite, unsupported } from '../../src/sandbox/index.ts';
import { attackerOn, origins, threeSites } from '../lab/attacker.ts';
import { cli, type Ended } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';
import { runPhp } from './php.ts';

const ONE = '/srv/www/one.test';
const TWO = '/srv/www/two.test';

/** Of what is known of Debian's suites, the newest that is stable; `FOOBAR_SUITE` names another. */
const suite = (process.env.FOOBAR_SUITE ?? 'trixie') as Suite;

/** Commands of a run that work where the site's user can write, or on what it wrote. */
const held = ['perl', 'setpriv', 'chown', 'find'];

/**
 * In a run, works as the one that it stands before, 5 ms slower after each call that looks at a path or changes one, and notes how often a
 * race went round meanwhile.
 */
const holding = (name: string) => `#!/bin/sh
grep -q foobar-provision-run /proc/self/cgroup || exec /usr/bin/${name} "$@"
before=$(cat /tmp/race 2>/dev/null || echo 0)
strace -f -qq -o /dev/null -e inject=openat,mkdir,mkdirat,newfstatat,chown,fchown,fchownat,chmod,fchmod,fchmodat,rename,renameat2,symlink,symlinkat,unlink,unlinkat:delay_exit=5000 /usr/bin/${name} "$@"
rc=$?
echo "$(($(cat /tmp/race 2>/dev/null || echo "$before") - before)) ${name}" >>/tmp/held
exit $rc
`;

describe.skipIf(unsupported() !== undefined)(`a compromised site, on a ${suite} of three`, () => {
  const here = lab(suite);
  const attacker = attackerOn(here);
  const { asOne, harmless, othersAnswer } = attacker;
  let cwd = '';
  let raced = 0;
  let inside = 0;
  /** The database's client, as root. */
  let db = 'mariadb';

  let version = 0;
  const deploy = async () => {
    version += 1;
    writeFileSync(join(cwd, 'one/version.txt'), String(version));
    return cli(here.host, 'deploy', ['--yes'], { cwd });
  };

  beforeAll(async () => {
    await exec(
      here.host,
      'apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends cron at acl attr strace exim4-daemon-light >/dev/null 2>&1',
    );
    cwd = threeSites();
    await attacker.begin(cwd);
    // From the second release on there is one of before.
    expect((await deploy()).code).toBe(0);
    if ((await exec(here.host, 'command -v mariadb')).code !== 0) db = 'mysql';
  }, 600_000);
  afterAll(() =>
    process.stdout.write(`${attacker.counts.attacks} attacks, and ${raced} tries in races, ${inside} of them inside of a held step\n`),
  );

  test('the attacker has access: its shell, its PHP and its uploads work', async () => {
    expect((await asOne('id -un; id -Gn')).stdout).toBe('one_test\none_test\n');
    expect(await runPhp(here.host.address, 'one.test', `echo posix_getpwuid(posix_geteuid())['name'], shell_exec('echo ran');`)).toBe(
      'one_testran\n',
    );
  });

  test.each(origins)('reaches nothing of other sites from its %s', async (origin) => attacker.shellBatch(origin, deploy));

  test('reaches nothing of other sites through PHP itself', attacker.phpBatch);

  test('reaches nothing of other sites through its own requests', attacker.requests);

  const hold = (names: readonly string[]) =>
    exec(
      here.host,
      names.map((name) => `cat >/usr/local/sbin/${name} <<'HELD'\n${holding(name)}HELD\nchmod 755 /usr/local/sbin/${name}`).join('\n'),
    );

  /** Does something while a loop of the first site's user runs, which must have come round at least 200 times. */
  const during = async (loop: string, work: () => Promise<Ended>) => {
    await exec(
      here.host,
      `rm -f /tmp/race; install -o one_test -m 644 /dev/null /tmp/race; setsid setpriv --reuid=one_test --regid=one_test --clear-groups -- sh -c 'n=0; while [ ! -e /tmp/race-ends ]; do { ${loop.replaceAll("'", "'\\''")}; } 2>/dev/null; n=$((n + 1)); echo $n >/tmp/race; done' >/dev/null 2>&1 </dev/null & echo $! >/tmp/race-pid`,
    );
    await hold(held);
    await expect.poll(async () => Number((await exec(here.host, 'cat /tmp/race')).stdout)).toBeGreaterThan(0);
    const ended = await work();
    const flips = await exec(here.host, `cat /tmp/held; rm -f /tmp/held ${held.map((name) => `/usr/local/sbin/${name}`).join(' ')}`);
    inside += flips.stdout.split('\n').reduce((sum, line) => sum + (Number.parseInt(line, 10) || 0), 0);
    await expect.poll(async () => Number((await exec(here.host, 'cat /tmp/race')).stdout), { timeout: 60_000 }).toBeGreaterThanOrEqual(200);
    raced += Number(
      (
        await exec(
          here.host,
          'touch /tmp/race-ends; cat /tmp/race; while kill -0 $(cat /tmp/race-pid) 2>/dev/null; do sleep 0.1; done; rm -f /tmp/race-ends',
        )
      ).stdout,
    );
    harmless(`${ended.stdout}${ended.stderr}`, 'the run');
    await othersAnswer();
    return ended;
  };
  const owners = `stat -c '%n %U:%G %a %s' /etc /etc/shadow /etc/passwd /etc/motd /etc/apt/apt.conf.d /var/log /root ${TWO} ${TWO}/shared ${TWO}/shared/.env /etc/foobar-provision/secrets; ls -d /etc/nologin /etc/uploads /etc/cache 2>/dev/null`;

  // A folder has the wrong mode most of the time, so that the run has something to correct there.
  test.each([
    [
      'sessions swapped for a link',
      `chmod 0755 ${ONE}/sessions; mv ${ONE}/sessions ${ONE}/x; ln -s /etc/shadow ${ONE}/sessions; ln -sfn /etc/shadow ${ONE}/shared/.sessions; rm -f ${ONE}/shared/.sessions; mkdir ${ONE}/shared/.sessions; rmdir ${ONE}/shared/.sessions; chmod 0700 ${ONE}/sessions`,
    ],
    [
      'its logs swapped for links',
      `cd /var/log/php/one.test; chmod 777 .; rm -f error.log slow.log; ln -s /etc/shadow error.log; rm -f error.log; ln -s /etc/motd slow.log; mkfifo error.log; chmod 750 .`,
    ],
    [
      'what it keeps swapped for links',
      `cd ${ONE}/shared; chmod 777 .; mv public p; ln -sfn /etc public; rm -f public; mv p public; chmod 750 .`,
    ],
  ])('apply, with %s', { timeout: 300_000 }, async (_, loop) => {
    const [before, earlier] = [(await exec(here.host, owners)).stdout, inside];
    // A run that is planned at the instant at which the mode is right has nothing to do.
    for (let round = 0; round < 4 && inside === earlier; round += 1) {
      const ended = await during(loop, async () => cli(here.host, 'apply', ['--yes'], { cwd }));
      expect([0, 4, 5]).toContain(ended.code);
    }
    expect(inside, 'tries inside of steps').toBeGreaterThan(earlier);
    expect((await exec(here.host, owners)).stdout).toBe(before);
    await exec(here.host, `rm -f /var/log/php/one.test/*.log`);
  });

  test.each([
    [
      'links',
      'rm -f .env; ln -s /etc/nologin .env; ln -sfn /etc/motd .env; ln -sfn /etc/shadow .env; mv public p; ln -sfn /etc public; rm -f public; mv p public',
    ],
    ['FIFOs', 'rm -f .env; mkfifo .env; rm -f .env; ln -s /dev/zero .env; mv public p; mkfifo public; rm -f public; mv p public'],
  ])('deploy, with %s in its shared folder', { timeout: 600_000 }, async (_, loop) => {
    const before = (await exec(here.host, owners)).stdout;
    const outside = inside;
    for (let round = 0; round < 3 || (inside - outside < 200 && round < 9); round += 1) await during(`cd ${ONE}/shared; ${loop}`, deploy);
    expect(inside - outside, 'tries inside of steps').toBeGreaterThanOrEqual(200);
    expect((await exec(here.host, owners)).stdout).toBe(before);
    await exec(here.host, `cd ${ONE}/shared; rm -f .env; [ -d public ] || { rm -f public; mv p public; }`);
    expect((await deploy()).code).toBe(0);
  });

  test('commands that root runs as its user have no open files of the run', { timeout: 300_000 }, async () => {
    await asOne(`rm -f ${ONE}/shared/stolen`);
    const ended = await during(
      `ls -l /proc/[0-9]*/fd | grep -e foobar-provision-locks -e /journal -e guard.lock >>${ONE}/shared/stolen; cd ${ONE}/shared; rm -rf .env`,
      deploy,
    );
    expect(ended.code, ended.stderr).toBe(0);
    expect((await exec(here.host, `cat ${ONE}/shared/stolen`)).stdout).toBe('');
  });

  test('a stopped command that root runs as its user delays the host by at most two minutes per folder', {
    timeout: 600_000,
  }, async () => {
    await exec(
      here.host,
      `cat >/tmp/stopping.pl <<'PERL'
while () {
  for my $process (glob '/proc/[0-9]*') {
    open my $words, '<', "$process/cmdline" or next;
    local $/;
    kill STOP => $process =~ s{/proc/}{}r if (<$words> // '') =~ /umask 022/;
  }
}
PERL
setsid timeout 400 setpriv --reuid=one_test --regid=one_test --clear-groups -- perl /tmp/stopping.pl >/dev/null 2>&1 </dev/null & echo $! >/tmp/stopping`,
    );
    await hold(['setpriv']);
    const began = Date.now();
    const ended = await deploy();
    await exec(here.host, 'kill $(cat /tmp/stopping); rm -f /usr/local/sbin/setpriv /tmp/held');
    expect(ended.code, ended.stderr).toBe(5);
    expect(ended.stdout).toContain('which the release shares');
    expect(Date.now() - began).toBeLessThan(300_000);
    await othersAnswer();
  });

  test('a view over foobar_migrations, before a plan', async ({ skip }) => {
    skip(db === 'mysql', 'MySQL lets nobody but root make a function while it keeps a binary log');
    const run = await exec(
      here.host,
      `mariadb -u one_test -p"$(cat /etc/foobar-provision/secrets/one.test.database)" one_test 2>&1 <<'SQL'
RENAME TABLE foobar_migrations TO kept; CREATE TABLE loot (t TEXT);
DELIMITER //
CREATE FUNCTION peek() RETURNS VARCHAR(190) SQL SECURITY INVOKER BEGIN INSERT INTO one_test.loot SELECT CONCAT(User,' ',Priv) FROM mysql.global_priv; RETURN CURRENT_USER(); END//
DELIMITER ;
CREATE SQL SECURITY INVOKER VIEW foobar_migrations AS SELECT peek() AS name;
SQL`,
    );
    expect(run.stdout).toBe('');
    const planned = await cli(here.host, 'plan', [], { cwd });
    expect((await exec(here.host, 'mariadb -N one_test -e "SELECT COUNT(*) FROM loot"')).stdout.trim(), planned.stderr).toBe('0');
    await exec(
      here.host,
      'mariadb one_test -e "DROP VIEW foobar_migrations; RENAME TABLE kept TO foobar_migrations; DROP FUNCTION peek; DROP TABLE loot"',
    );
  });

  test.each([
    '\\! id >/root/pwned',
    'system id >/root/pwned',
    '\\T /root/pwned',
    'tee /root/pwned',
    'source /etc/shadow',
    '\\. /etc/foobar-provision/secrets/two.test.database',
  ])('a migration with %s', { timeout: 200_000 }, async (line) => {
    writeFileSync(join(cwd, 'one/migrations/0002.sql'), `${line}\nSELECT 1;\n`);
    const ended = await deploy();
    harmless(`${ended.stdout}${ended.stderr}`, 'the run');
    expect((await exec(here.host, 'ls /root/pwned /tmp/pwned 2>/dev/null')).stdout).toBe('');
    await exec(here.host, `${db} one_test -e "DELETE FROM foobar_migrations WHERE name LIKE '%0002%'"`);
    writeFileSync(join(cwd, 'one/migrations/0002.sql'), 'SELECT 1;\n');
    await othersAnswer();
  });

  test.each([
    ['sshd', 'sshd', 'x'],
    ['sshd, beside one whose name is two lines', 'sshd', '\\n'],
    ['sshd, beside one whose name looks like the end of a line', 'sshd', ' ino:1 sk:\\n'],
  ])('a process of its own named %s opens no port in the firewall', async (_, name, beside) => {
    await exec(
      here.host,
      `cat >/tmp/named.pl <<'PERL'
use IO::Socket;
my $s = IO::Socket::INET->new(Listen => 1, LocalPort => 4444, ReuseAddr => 1) or die;
sub called { open my $c, '>', '/proc/self/comm'; syswrite $c, shift }
if (!fork) { called("${name}"); sleep 30; exit }
called("${beside}"); sleep 30;
PERL
setsid timeout 40 setpriv --reuid=one_test --regid=one_test --clear-groups -- perl /tmp/named.pl >/dev/null 2>&1 </dev/null & echo $! >/tmp/named`,
    );
    await expect.poll(async () => (await exec(here.host, 'ss -Hltnp sport = :4444')).stdout).toContain('sshd');
    const planned = await cli(here.host, 'plan', [], { cwd });
    await exec(here.host, 'kill -- -$(cat /tmp/named); kill $(pgrep -u one_test perl)');
    expect(planned.stdout).toContain('"event"');
    expect(planned.stdout).not.toContain('4444');
  });

  test.each([
    ['a FIFO', 'mkfifo error.log'],
    ['a link', 'ln -s /etc/foobar-provision/secrets/two.test.database error.log'],
    ['an endless file', 'ln -s /dev/zero error.log'],
  ])('%s as its log, and a release that answers with 500', { timeout: 300_000 }, async (_, make) => {
    await asOne(`cd /var/log/php/one.test; rm -f error.log; ${make}`);
    writeFileSync(join(cwd, 'one/public/index.php'), '<?php http_response_code(500);');
    const ended = await deploy();
    expect(ended.code).toBe(5);
    expect(ended.stdout).toContain('was answered with 500');
    harmless(`${ended.stdout}${ended.stderr}`, 'the run');
    await asOne('rm -f /var/log/php/one.test/error.log');
    writeFileSync(join(cwd, 'one/public/index.php'), `<?php echo 'this is one';`);
    await othersAnswer();
  });

  test('an endless answer fails the release, and is not read to the end', { timeout: 300_000 }, async () => {
    writeFileSync(join(cwd, 'one/public/index.php'), `<?php while (true) { echo str_repeat('x', 65536); flush(); }`);
    const ended = await deploy();
    expect(ended.code, ended.stderr).toBe(5);
    expect(ended.stdout).toContain('larger than 16 MiB');
    writeFileSync(join(cwd, 'one/public/index.php'), `<?php echo 'this is one';`);
    await othersAnswer();
  });

  /** Has the first site's PHP do something beside this, in a process of its own. */
  const inBackground = async (code: string) =>
    runPhp(
      here.host.address,
      'one.test',
      `file_put_contents('/tmp/b.php', <<<'B'\n<?php [, $u, $p, $s] = $argv; ${code}\nB); shell_exec("setsid php /tmp/b.php {$_SERVER['DB_USER']} {$_SERVER['DB_PASSWORD']} {$_SERVER['DB_SOCKET']} >/dev/null 2>&1 & echo $!"); sleep(2);`,
    );

  test('a table that it has locked delays its own deploy by a minute', { timeout: 400_000 }, async () => {
    await inBackground(
      `$db = new mysqli('localhost', $u, $p, 'one_test', 0, $s); $db->query('LOCK TABLES foobar_migrations WRITE'); sleep(150);`,
    );
    const began = Date.now();
    writeFileSync(join(cwd, 'one/migrations/0003.sql'), 'SELECT 1;\n');
    const ended = await deploy();
    expect(ended.code, ended.stderr).toBe(5);
    expect(ended.stdout).toContain('Another connection has held');
    expect(Date.now() - began).toBeLessThan(140_000);
    await exec(here.host, 'kill $(pgrep -u one_test -f b.php)');
  });

  test('connections that it holds do not exhaust those of other sites', async () => {
    await inBackground(
      `for ($i = 0; $i < 500; $i++) { try { $all[] = new mysqli($i % 2 ? '127.0.0.1' : 'localhost', $u, $p, 'one_test', $i % 2 ? 3306 : 0, $i % 2 ? null : $s); } catch (Throwable) {} } sleep(20);`,
    );
    const answer = await runPhp(
      here.host.address,
      'two.test',
      `for ($i = 0; $i < 20; $i++) $all[] = new mysqli('localhost', $_SERVER['DB_USER'], $_SERVER['DB_PASSWORD'], 'two_test', 0, $_SERVER['DB_SOCKET']); echo count($all);`,
    );
    await exec(here.host, 'kill $(pgrep -u one_test -f b.php)');
    expect(answer).toBe('20');
  });

  test('the number of its processes is limited, and they are killed before the database if memory runs out', async () => {
    const started = Number(
      await runPhp(
        here.host.address,
        'one.test',
        `echo shell_exec(<<<'SH'\nperl -e 'while ($n < 9000 && defined($p = fork)) { if (!$p) { sleep 5; exit } $n++ } print $n'\nSH);`,
      ),
    );
    expect(started).toBeGreaterThan(500);
    expect(started).toBeLessThan(2000);
    await othersAnswer();
    expect(
      (await exec(here.host, 'cat /proc/$(pgrep -o -u one_test php-fpm)/oom_score_adj; cat /proc/$(pgrep -o -u mysql)/oom_score_adj'))
        .stdout,
    ).toBe('500\n0\n');
  });

  test('a hundred thousand migrations, and a sparse terabyte of a log with escape sequences, are read within a minute', {
    timeout: 400_000,
  }, async () => {
    await exec(
      here.host,
      `${db} one_test -e "INSERT INTO foobar_migrations (name) WITH RECURSIVE n AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 999) SELECT CONCAT('x', a.i, '-', b.i, REPEAT('y', 150)) FROM n a, n b WHERE b.i < 100"`,
    );
    await asOne(
      String.raw`cd /var/log/php/one.test; rm -f error.log; truncate -s 1T error.log; { printf '\033]0;taken\007\033[2J\r'; head -c 300000 /dev/urandom; } >>error.log; cd ${ONE}/shared/public/uploads; touch -- "$(printf 'a\033[2Jb\nc')"`,
    );
    for (const command of ['plan', 'verify', 'doctor', 'releases']) {
      const began = Date.now();
      const ended = await cli(here.host, command, [], { cwd });
      expect(Date.now() - began, command).toBeLessThan(60_000);
      expect([0, 2, 6], `${command}: ${ended.stderr}`).toContain(ended.code);
      expect(`${ended.stdout}${ended.stderr}`, command).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
    }
    await exec(here.host, `${db} one_test -e "DELETE FROM foobar_migrations WHERE name LIKE 'x%'"; rm -f /var/log/php/one.test/error.log`);
  });

  test('root loads nothing from its environment when its Python is stopped', { timeout: 300_000 }, async () => {
    await exec(
      here.host,
      `cat >/srv/www/three.test/shared/Taken.pm <<'PERL'
package Taken; open my $out, '>>', '/srv/www/three.test/shared/ran'; print {$out} "$>\n"; 1
PERL
chmod 666 /srv/www/three.test/shared/Taken.pm`,
    );
    const config = JSON.parse(readFileSync(join(cwd, 'foobar.config.json'), 'utf8')) as {
      sites: { app: { env: Record<string, string> } }[];
    };
    Object.assign(config.sites[2]?.app.env ?? {}, { PERL5LIB: '/srv/www/three.test/shared', PERL5OPT: '-MTaken' });
    writeFileSync(join(cwd, 'foobar.config.json'), JSON.stringify(config));
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd });
    expect(ended.code, ended.stderr).toBe(0);
    await exec(here.host, "systemctl restart 'python-three.test-*.service'");
    const ran = (await exec(here.host, 'sort -u /srv/www/three.test/shared/ran; id -u three_test')).stdout.trim().split('\n');
    expect(ran).toEqual([ran[1], ran[1]]);
    await othersAnswer();
  });

  test('jobs that it put into the tables of cron and at did not run', async () => {
    expect((await exec(here.host, 'ls /tmp/cron-ran /tmp/at-ran; ls /var/spool/cron/crontabs; atq')).stdout).toBe('');
  });
});
