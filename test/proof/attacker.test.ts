import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';
import { ask } from '../lab/ask.ts';
import { cli, type Ended, folder } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';
import { runPhp } from './php.ts';

const php = (name: string) => ({
  [`${name}/public/index.php`]: `<?php echo 'this is ${name}';`,
  [`${name}/public/run.php`]: `<?php try { eval(file_get_contents('php://input')); } catch (Throwable $e) { echo get_class($e), ': ', $e->getMessage(); }`,
  [`${name}/secret.txt`]: `FILE-OF-${name.toUpperCase()}\n`,
  [`${name}/migrations/0001.sql`]: 'CREATE TABLE things (id int);\n',
});

const site = (domain: string, name: string, more = {}) => ({
  domain,
  www: false,
  app: { source: name, docroot: 'public', env: { TOKEN: `TOKEN-OF-${name.toUpperCase()}` }, ...more },
});

const ONE = '/srv/www/one.test';
const TWO = '/srv/www/two.test';

/** What no attack may change: owners, modes and contents of what is not the first site's. */
const seen = `find /etc /root /srv/www/two.test /srv/www/three.test /srv/www /usr/local /var/spool/cron /run/nologin /var/lib/foobar-provision/manifest* -maxdepth 3 ! -path '/srv/www/one.test/*' ! -path '*/sessions/*' ! -path '*/__pycache__*' ! -name '.viminfo' ! -name '*.lock' ! -name '*-' -printf '%p %y %u:%g %m %l\\n' 2>/dev/null | sort
find /etc /root /srv/www/two.test/shared /usr/local -xdev -type f ! -path '/root/.cache/*' ! -name '*-' ! -name '*.lock' -exec sha256sum {} + 2>/dev/null | sort
mariadb -N -e "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema <> 'one_test'; SELECT user, host FROM mysql.user"`;

interface Attack {
  readonly name: string;
  /** As whom it is tried: a shell of the site's user, its PHP, or a visitor after what the shell has laid. */
  readonly by: 'shell' | 'php';
  readonly code: string;
  /** What a visitor then asks for. */
  readonly ask?: readonly string[];
}

const shell = (name: string, code: string, ...paths: readonly string[]): Attack => ({ name, by: 'shell', code, ask: paths });
const inPhp = (name: string, code: string, ...paths: readonly string[]): Attack => ({ name, by: 'php', code, ask: paths });
const sh = (name: string, code: string) => inPhp(name, `echo shell_exec(<<<'SH'\n(${code}) 2>&1\nSH);`);

const uploads = `${ONE}/shared/public/uploads`;
const others = [
  `${TWO}/shared/.env`,
  `${TWO}/current/secret.txt`,
  `${TWO}/secret.txt`,
  '/var/log/nginx/two.test.access.log',
  '/var/log/php/two.test/error.log',
  '/var/lib/nginx/cache-two.test',
  '/etc/shadow',
  '/etc/foobar-provision/secrets/two.test.database',
  '/proc/1/environ',
];

const attacks: readonly Attack[] = [
  ...others.flatMap((path, n) => [
    shell(`a symlink that nginx serves: ${path}`, `ln -sfn ${path} ${uploads}/s${n}.txt`, `/uploads/s${n}.txt`),
    shell(`a symlink to its folder: ${path}`, `ln -sfn $(dirname ${path}) ${uploads}/d${n}`, `/uploads/d${n}/${path.split('/').pop()}`),
    shell(`a hard link: ${path}`, `ln -f ${path} ${uploads}/h${n}.txt`, `/uploads/h${n}.txt`),
    shell(
      `a link to a link: ${path}`,
      `ln -sfn ${path} ${ONE}/shared/k${n}; ln -sfn ${ONE}/shared/k${n} ${uploads}/l${n}.txt`,
      `/uploads/l${n}.txt`,
    ),
    inPhp(
      `PHP reads ${path}`,
      `echo @file_get_contents('${path}'), json_encode(@scandir('${path}')), shell_exec('cat ${path} 2>/dev/null');`,
    ),
    inPhp(
      `through its root: ${path}`,
      `foreach (glob('/proc/[0-9]*') as $p) { echo @file_get_contents("$p/root${path}"), @file_get_contents("$p/cwd${path}"); }`,
    ),
    inPhp(`X-Accel-Redirect: ${path}`, `header('X-Accel-Redirect: ${path}'); `),
    inPhp(
      `X-Accel-Redirect by a link: ${path}`,
      `@symlink('${path}', '${uploads}/x${n}.txt'); header('X-Accel-Redirect: /uploads/x${n}.txt');`,
    ),
    inPhp(`include: ${path}`, `@include '${path}';`),
    inPhp(
      `writes ${path}`,
      `echo @file_put_contents('${path}', 'x') ? 'WRITTEN' : ''; echo @unlink('${path}') || @rename('${path}', '/tmp/x') || @chmod('${path}', 0777) ? 'WRITTEN' : '';`,
    ),
  ]),
  shell(
    'overwrites what two keeps',
    `echo x >${TWO}/shared/.env; rm -f ${TWO}/shared/.env; touch ${TWO}/new ${TWO}/shared/new ${TWO}/sessions/new /etc/new`,
  ),
  shell(
    'renames its own folders',
    `mv ${ONE}/shared ${ONE}/x && echo WRITTEN; mv ${ONE}/sessions ${ONE}/x && echo WRITTEN; ln -s /etc ${ONE}/releases/x && echo WRITTEN`,
  ),
  shell(
    'switches its own release',
    `ln -sfn ${TWO}/current ${ONE}/current && echo WRITTEN; ln -sfn /etc ${ONE}/docroot && echo WRITTEN; true`,
  ),
  sh('crontab', `echo '* * * * * touch /tmp/cron-ran' | crontab - && echo WRITTEN`),
  sh('at', `echo 'touch /tmp/at-ran' | at now && echo WRITTEN`),
  sh('a file in the spool of cron', `echo x >/var/spool/cron/crontabs/one_test && echo WRITTEN`),
  sh('systemctl', `systemctl stop nginx && echo WRITTEN; systemctl --user daemon-reload && echo WRITTEN`),
  sh('systemd-run', `systemd-run --wait id && echo WRITTEN; systemd-run --user id && echo WRITTEN`),
  sh(
    'D-Bus',
    `busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StopUnit ss nginx.service replace && echo WRITTEN`,
  ),
  shell(
    'systemctl from a shell',
    `systemctl stop nginx && echo WRITTEN; busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StopUnit ss nginx.service replace && echo WRITTEN`,
  ),
  shell('reboot', `systemctl reboot && echo WRITTEN; reboot && echo WRITTEN`),
  sh('sudo, su and pkexec', `sudo -n id && echo WRITTEN; su -c id </dev/null && echo WRITTEN; pkexec id && echo WRITTEN`),
  sh('mounts', `mount -t tmpfs x /tmp && echo WRITTEN; unshare -Urm id && echo WRITTEN; unshare -m id && echo WRITTEN`),
  sh('a set-user-id file', `cp /bin/sh ${uploads}/sh; chmod 4755 ${uploads}/sh && echo WRITTEN`),
  sh(
    'kernel settings',
    `echo 1 >/proc/sys/kernel/sysrq && echo WRITTEN; echo b >/proc/sysrq-trigger && echo WRITTEN; dmesg && echo WRITTEN`,
  ),
  sh(
    'the log of the system',
    'journalctl -n 5 --no-pager | grep -v "^Hint\\|No journal\\|-- No entries" | grep -i "sshd\\|systemd" && echo WRITTEN',
  ),
  ...['environ', 'maps', 'mem', 'fd', 'cwd', 'root', 'stack', 'auxv'].flatMap((file) => [
    shell(
      `/proc/*/${file} of others`,
      `for p in $(pgrep -u root,two_test,three_test,www-data,mysql); do { cat /proc/$p/${file} || ls /proc/$p/${file}/; } 2>/dev/null | grep -q . && echo WRITTEN $p; done; true`,
    ),
    inPhp(
      `PHP: /proc/*/${file} of others`,
      `foreach (glob('/proc/[0-9]*') as $p) if (fileowner($p) !== posix_geteuid() && $p !== '/proc/1' && @file_get_contents("$p/${file}")) echo 'WRITTEN ', $p;`,
    ),
  ]),
  ...[0, 1, 9, 15, 19].map((signal) =>
    shell(
      `signal ${signal} to others`,
      `for p in $(pgrep -u root,two_test,three_test,www-data,mysql); do kill -${signal} $p 2>/dev/null && echo WRITTEN $p; done; true`,
    ),
  ),
  shell(
    'ptrace',
    `perl -e 'for my $p (@ARGV) { print "WRITTEN $p\\n" if syscall(101, 16, $p, 0, 0) == 0 }' $(pgrep -u two_test,three_test,www-data,mysql)`,
  ),
  shell(
    'sockets in the folders of others',
    `for d in /run/foobar-provision/* /run/mysqld /run/php /run /run/foobar-provision-locks; do [ "$d" = /run/foobar-provision/one.test ] || perl -MIO::Socket::UNIX -e 'print "WRITTEN @ARGV\\n" if IO::Socket::UNIX->new(Listen => 1, Local => "$ARGV[0]/x.sock")' $d; done`,
  ),
  shell(
    'removes sockets of others',
    `rm -f /run/mysqld/mysqld.sock /run/foobar-provision/two.test/*.sock /run/foobar-provision/*/*.sock; ls /run/mysqld/mysqld.sock >/dev/null || echo WRITTEN`,
  ),
  shell(
    'FastCGI over the socket of the other',
    `for s in /run/foobar-provision/two.test/*.sock /run/foobar-provision/three.test/*.sock; do perl -MIO::Socket::UNIX -e 'print "WRITTEN @ARGV\\n" if IO::Socket::UNIX->new(Peer => $ARGV[0])' "$s"; done`,
  ),
  inPhp(
    'FastCGI from PHP',
    `foreach (['two', 'three'] as $n) foreach (glob("/run/foobar-provision/$n.test/*.sock") ?: ["/run/foobar-provision/$n.test/x.sock"] as $s) if (@stream_socket_client("unix://$s")) echo 'WRITTEN';`,
  ),
  inPhp(
    'abstract sockets',
    `foreach (file('/proc/net/unix') as $l) if (preg_match('/ @(\\S+)$/', trim($l), $m) && @stream_socket_client("unix://\\0$m[1]")) echo "WRITTEN $m[1]";`,
  ),
  inPhp(
    'opcache of the other',
    `echo implode(' ', array_filter(array_keys(opcache_get_status()['scripts']), fn ($p) => str_contains($p, 'two.test'))) ? 'WRITTEN' : ''; opcache_invalidate('${TWO}/current/public/index.php', true);`,
  ),
  inPhp(
    'shared memory of others',
    `foreach (glob('/dev/shm/*') ?: [] as $f) if (fileowner($f) !== posix_geteuid() && @file_get_contents($f)) echo 'WRITTEN ', $f; foreach (file('/proc/sysvipc/shm') ?: [] as $n => $l) if ($n && @shmop_open((int) preg_split('/ +/', trim($l))[0], 'a', 0, 0)) echo 'WRITTEN';`,
  ),
  inPhp(
    '/tmp of others',
    `foreach (array_merge(glob('/tmp/*') ?: [], glob('/tmp/systemd-private-*/tmp/*') ?: []) as $f) if (fileowner($f) !== posix_geteuid()) echo 'WRITTEN ', $f;`,
  ),
  shell('/tmp of services', 'ls /tmp/systemd-private-*/tmp /var/tmp/systemd-private-*/tmp 2>/dev/null && echo WRITTEN; true'),
  shell(
    'the cache of nginx',
    `ls /var/lib/nginx/cache-* 2>/dev/null && echo WRITTEN; touch /var/lib/nginx/x /var/lib/nginx/cache-two.test/x 2>/dev/null && echo WRITTEN; true`,
  ),
  shell(
    'the lock of runs',
    `for f in /run/foobar-provision.lock /run/foobar-provision-locks/* /run/foobar-provision-locks/run /run/foobar-provision-locks/certificate; do flock -n "$f" true 2>/dev/null && [ -e "$f" ] && echo WRITTEN "$f"; done; true`,
  ),
  shell(
    'the locks of packages and accounts',
    `for f in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/cache/apt/archives/lock /etc/.pwd.lock; do perl -MFcntl=:flock -e 'print "WRITTEN @ARGV\\n" if open(F, "<", $ARGV[0]) && flock(F, 2 | 4)' $f; done`,
  ),
  shell(
    'names with newlines',
    `cd ${uploads} && touch -- "$(printf 'a\\nb')" "$(printf '\\n/etc/passwd')" '-rf' '$(touch WRITTEN)' "$(printf '\\033]0;x\\007')"`,
  ),
  ...[
    'USE two_test',
    'SELECT * FROM two_test.things',
    'SELECT * FROM mysql.user',
    "SELECT 1 INTO OUTFILE '/tmp/out'",
    'SET GLOBAL max_connections = 1',
    'CREATE USER other@localhost',
    'GRANT ALL ON *.* TO CURRENT_USER',
    'DROP DATABASE two_test',
    'CREATE DATABASE three_test',
    "LOAD DATA INFILE '/etc/passwd' INTO TABLE things",
    'CREATE DEFINER=root@localhost PROCEDURE p() SELECT 1',
    'CREATE DEFINER=root@localhost VIEW v AS SELECT 1',
    'FLUSH TABLES WITH READ LOCK',
    'SHUTDOWN',
    'INSTALL SONAME "x"',
    'SHOW CREATE TABLE two_test.things',
    'LOCK TABLES two_test.things WRITE',
  ].map((query) =>
    inPhp(
      `SQL: ${query}`,
      `$db = new mysqli('localhost', $_SERVER['DB_USER'], $_SERVER['DB_PASSWORD'], $_SERVER['DB_NAME'] ?? 'one_test', 0, $_SERVER['DB_SOCKET']); $db->query(<<<'SQL'\n${query}\nSQL); echo 'WRITTEN';`,
    ),
  ),
  // Its own it may make; what one does is done with its maker's rights.
  inPhp(
    'SQL: an event that drops a table of the other',
    `$db = new mysqli('localhost', $_SERVER['DB_USER'], $_SERVER['DB_PASSWORD'], 'one_test', 0, $_SERVER['DB_SOCKET']); $db->query('CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO DROP TABLE two_test.things'); sleep(3); $db->query('DROP EVENT e');`,
  ),
  inPhp(
    'SQL: processes of others',
    `$db = new mysqli('localhost', $_SERVER['DB_USER'], $_SERVER['DB_PASSWORD'], '', 0, $_SERVER['DB_SOCKET']); foreach ($db->query('SHOW FULL PROCESSLIST')->fetch_all() as $r) if ($r[1] !== $_SERVER['DB_USER']) echo 'WRITTEN ', $r[1];`,
  ),
  ...['two_test', 'root', 'mysql', 'mariadb.sys'].map((user) =>
    inPhp(
      `the database as ${user}`,
      `new mysqli('localhost', '${user}', $_SERVER['DB_PASSWORD'], '', 0, $_SERVER['DB_SOCKET']); echo 'WRITTEN';`,
    ),
  ),
  ...['public/uploads', 'public/cache'].flatMap((at) =>
    ['php', 'phtml', 'phar', 'php8', 'PHP'].map((end) =>
      inPhp(
        `a script in ${at}: .${end}`,
        `file_put_contents('${ONE}/current/${at}/w.${end}', '<?php echo "WRI", "TTEN";');`,
        `/${at.slice(7)}/w.${end}`,
        `/index.php/../${at.slice(7)}/w.${end}`,
        `/${at.slice(7)}/w.${end}/x`,
        `/${at.slice(7)}/x/../w.${end}`,
        `/${at.slice(7)}//w.${end}`,
        `//${at.slice(7)}/w.${end}`,
        `/${at.slice(7)}/%77.${end}`,
        `/${at.slice(7)}/w.${end}%00.jpg`,
      ),
    ),
  ),
  ...['.user.ini', '.htaccess'].map((name) =>
    inPhp(
      `${name} in an upload folder`,
      `file_put_contents('${ONE}/current/public/uploads/${name}', "auto_prepend_file=${uploads}/p.txt\\nAddType application/x-httpd-php .txt\\n"); file_put_contents('${uploads}/p.txt', '<?php echo "WRI", "TTEN";');`,
      '/uploads/p.txt',
      `/uploads/${name}`,
      '/uploads/index.php',
      '/',
    ),
  ),
];

describe.skipIf(unsupported() !== undefined)('a site that was taken over, on a host of three', () => {
  const here = lab('trixie');
  let cwd = '';
  let secrets: readonly string[] = [];
  let raced = 0;
  /** The host's fingerprint, which no attack changed so far. */
  let before: string | undefined;

  beforeAll(async () => {
    await exec(
      here.host,
      'apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends cron at >/dev/null 2>&1',
    );
    cwd = folder({
      'foobar.config.json': JSON.stringify({
        sites: [
          site('one.test', 'one', { shared: ['.env', 'public/uploads'], writable: ['public/cache'] }),
          site('two.test', 'two'),
          site('three.test', 'three', { runtime: 'python', docroot: 'static' }),
        ],
      }),
      ...php('one'),
      ...php('two'),
      'three/app.py': `def app(environ, start):\n    start('200 OK', [('Content-Type', 'text/plain')])\n    return [b'this is three']\n`,
      'three/static/a.txt': 'static',
      'three/secret.txt': 'FILE-OF-THREE\n',
    });
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd });
    expect(ended.code, ended.stderr).toBe(0);
    await exec(
      here.host,
      `echo KEPT-OF-TWO >${TWO}/shared/.env; chown two_test:two_test ${TWO}/shared/.env; echo LOG-OF-TWO >/var/log/php/two.test/error.log; mkdir -p ${uploads}`,
    );
    const { stdout } = await exec(
      here.host,
      "cat /etc/foobar-provision/secrets/two.test.* /etc/foobar-provision/secrets/three.test.*; echo; sed -n 's/^root://p' /etc/shadow",
    );
    secrets = [
      'FILE-OF-T',
      'KEPT-OF-T',
      'TOKEN-OF-T',
      'LOG-OF-T',
      'root:x:',
      'WRITTEN',
      ...stdout.split('\n').filter((line) => line.length > 12),
    ];
  });
  afterAll(() => process.stdout.write(`${attacks.length} attacks, and ${raced} tries in races\n`));

  /** Runs a shell script as the first site's user. */
  const asOne = async (code: string) =>
    exec(here.host, `timeout 30 setpriv --reuid=one_test --regid=one_test --clear-groups -- sh <<'ATTACK' 2>&1\n${code}\nATTACK`);
  const fingerprint = async () => (await exec(here.host, seen)).stdout;
  const harmless = (text: string) => {
    for (const secret of secrets) expect(text).not.toContain(secret);
  };
  const othersAnswer = async () => {
    for (const name of ['two', 'three']) expect((await ask(here.host.address, `${name}.test`))?.body).toBe(`this is ${name}`);
  };

  test('the attacker is in: its shell, its PHP and its uploads work', async () => {
    expect((await asOne('id -un; id -Gn')).stdout).toBe('one_test\none_test\n');
    expect(await runPhp(here.host.address, 'one.test', `echo posix_getpwuid(posix_geteuid())['name'], shell_exec('echo ran');`)).toBe(
      'one_testran\n',
    );
    await asOne(`echo mine >${uploads}/own.txt`);
    expect((await ask(here.host.address, 'one.test', '/uploads/own.txt'))?.body).toBe('mine\n');
  });

  test.each(attacks)('$by: $name', async ({ by, code, ask: paths = [] }) => {
    before ??= await fingerprint();
    harmless(by === 'php' ? await runPhp(here.host.address, 'one.test', code) : (await asOne(code)).stdout);
    for (const path of paths) harmless((await ask(here.host.address, 'one.test', path))?.body ?? '');
    const after = await fingerprint();
    const was = before;
    before = after;
    expect(after).toBe(was);
    await othersAnswer();
  });

  /** Does something while a loop of the first site's user runs, which must have come round at least 200 times. */
  const during = async (loop: string, work: () => Promise<Ended>) => {
    await exec(
      here.host,
      `rm -f /tmp/race; install -o one_test -m 644 /dev/null /tmp/race; setsid setpriv --reuid=one_test --regid=one_test --clear-groups -- sh -c 'n=0; while [ ! -e /tmp/race-ends ]; do { ${loop.replaceAll("'", "'\\''")}; } 2>/dev/null; n=$((n + 1)); echo $n >/tmp/race; done' >/dev/null 2>&1 </dev/null & echo $! >/tmp/race-pid`,
    );
    const ended = await work();
    await expect.poll(async () => Number((await exec(here.host, 'cat /tmp/race')).stdout), { timeout: 60_000 }).toBeGreaterThanOrEqual(200);
    raced += Number(
      (
        await exec(
          here.host,
          'touch /tmp/race-ends; cat /tmp/race; while kill -0 $(cat /tmp/race-pid) 2>/dev/null; do sleep 0.1; done; rm -f /tmp/race-ends',
        )
      ).stdout,
    );
    harmless(`${ended.stdout}${ended.stderr}`);
    await othersAnswer();
    return ended;
  };
  let version = 0;
  const deploy = async () => {
    version += 1;
    writeFileSync(join(cwd, 'one/version.txt'), String(version));
    return cli(here.host, 'deploy', ['--yes'], { cwd });
  };
  const owners = `stat -c '%n %U:%G %a %s' /etc /etc/shadow /etc/passwd /etc/motd /etc/apt/apt.conf.d /var/log /root ${TWO} ${TWO}/shared ${TWO}/shared/.env /etc/foobar-provision/secrets; ls -d /etc/nologin /etc/uploads /etc/cache 2>/dev/null`;

  test.each([
    [
      'sessions swapped for a link',
      `chmod 0755 ${ONE}/sessions; chmod 0700 ${ONE}/sessions; mv ${ONE}/sessions ${ONE}/x; ln -s /etc/shadow ${ONE}/sessions; ln -sfn /etc/shadow ${ONE}/shared/.sessions; rm -f ${ONE}/shared/.sessions; mkdir ${ONE}/shared/.sessions; rmdir ${ONE}/shared/.sessions`,
    ],
    [
      'its logs swapped for links',
      `cd /var/log/php/one.test; rm -f error.log slow.log; ln -s /etc/shadow error.log; rm -f error.log; ln -s /etc/motd slow.log; mkfifo error.log`,
    ],
    [
      'what it keeps swapped for links',
      `cd ${ONE}/shared; chmod 777 .; mv public p; ln -sfn /etc public; rm -f public; mv p public; chmod 750 .`,
    ],
  ])('apply, with %s', { timeout: 300_000 }, async (_, loop) => {
    const before = (await exec(here.host, owners)).stdout;
    const ended = await during(loop, async () => cli(here.host, 'apply', ['--yes'], { cwd }));
    expect([0, 4, 5]).toContain(ended.code);
    expect((await exec(here.host, owners)).stdout).toBe(before);
    await exec(here.host, `rm -f /var/log/php/one.test/*.log`);
  });

  test.each([
    [
      'links',
      'rm -f .env; ln -s /etc/nologin .env; ln -sfn /etc/motd .env; ln -sfn /etc/shadow .env; mv public p; ln -sfn /etc public; rm -f public; mv p public',
    ],
    ['FIFOs', 'rm -f .env; mkfifo .env; rm -f .env; ln -s /dev/zero .env; mv public p; mkfifo public; rm -f public; mv p public'],
  ])('three deploys, with %s in what it keeps', { timeout: 600_000 }, async (_, loop) => {
    const before = (await exec(here.host, owners)).stdout;
    for (let round = 0; round < 3; round += 1) await during(`cd ${ONE}/shared; ${loop}`, deploy);
    expect((await exec(here.host, owners)).stdout).toBe(before);
    await exec(here.host, `cd ${ONE}/shared; rm -f .env; [ -d public ] || { rm -f public; mv p public; }`);
    expect((await deploy()).code).toBe(0);
  });

  test('a view over foobar_migrations, before a plan', async () => {
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
    harmless(`${ended.stdout}${ended.stderr}`);
    expect((await exec(here.host, 'ls /root/pwned /tmp/pwned 2>/dev/null')).stdout).toBe('');
    await exec(here.host, `mariadb one_test -e "DELETE FROM foobar_migrations WHERE name LIKE '%0002%'"`);
    writeFileSync(join(cwd, 'one/migrations/0002.sql'), 'SELECT 1;\n');
    await othersAnswer();
  });

  test('a process of its own called sshd opens no port', async () => {
    await exec(
      here.host,
      `cp /usr/bin/perl /tmp/sshd; chmod 755 /tmp/sshd; setsid timeout 60 setpriv --reuid=one_test --regid=one_test --clear-groups -- /tmp/sshd -MIO::Socket -e '$s = IO::Socket::INET->new(Listen => 1, LocalPort => 4444); sleep 55' >/dev/null 2>&1 </dev/null &`,
    );
    await expect.poll(async () => (await exec(here.host, 'ss -Hltnp sport = :4444')).stdout).toContain('sshd');
    expect((await cli(here.host, 'plan', [], { cwd })).stdout).not.toContain('4444');
  });

  test.each([
    ['a FIFO', 'mkfifo error.log'],
    ['a link', 'ln -s /etc/foobar-provision/secrets/two.test.database error.log'],
    ['an endless file', 'ln -s /dev/zero error.log'],
  ])('%s as its log, and a release that answers 500', { timeout: 300_000 }, async (_, make) => {
    await asOne(`cd /var/log/php/one.test; rm -f error.log; ${make}`);
    writeFileSync(join(cwd, 'one/public/index.php'), '<?php http_response_code(500);');
    const ended = await deploy();
    expect(ended.code).not.toBe(0);
    harmless(`${ended.stdout}${ended.stderr}`);
    await asOne('rm -f /var/log/php/one.test/error.log');
    writeFileSync(join(cwd, 'one/public/index.php'), `<?php echo 'this is one';`);
    await othersAnswer();
  });

  test('what was put into the tables of cron and at did not run', async () => {
    expect((await exec(here.host, 'ls /tmp/cron-ran /tmp/at-ran; ls /var/spool/cron/crontabs; atq')).stdout).toBe('');
  });
});
