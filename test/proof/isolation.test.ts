import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Suite, unsupported } from '../../src/sandbox/index.ts';
import { ask } from '../lab/ask.ts';
import { cli, folder } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';
import { runPhp } from './php.ts';

/** An application as somebody has it who has taken it over: it runs whatever PHP it is sent. */
const application = (name: string) => ({
  [`${name}/public/index.php`]: `<?php echo 'this is ${name}';`,
  [`${name}/public/run.php`]: `<?php try { eval(file_get_contents('php://input')); } catch (Throwable $e) { echo get_class($e), ': ', $e->getMessage(); }`,
  [`${name}/public/a.jpg`]: `<?php echo 'run as ${name}';`,
  [`${name}/secret.txt`]: `a file of ${name}\n`,
});

/** What a site's own programs write, as whom and beside what. */
const beside = (path: string) => ({
  command: `(id -un; ls /srv/www; cat /srv/www/two.test/current/secret.txt /etc/foobar-provision/secrets/* /etc/foobar-provision/instances/two.test/*/environment; touch version; printf "Subject: beside\\n\\nx\\n" | /usr/sbin/sendmail root) >/srv/www/one.test/shared/${path}.log 2>&1; sleep 600`,
});

const site = (domain: string, name: string) => ({
  domain,
  www: false,
  app: { source: name, docroot: 'public', env: { TOKEN: `token-of-${name}` } },
  ...(name === 'one' && { workers: { queue: beside('worker') }, cron: { tick: { ...beside('cron'), schedule: '*:*:0/5' } } }),
});

describe.skipIf(unsupported() !== undefined).each<Suite>(['trixie', 'bookworm', 'sid'])('two sites on one %s', (suite) => {
  const here = lab(suite);

  beforeAll(async () => {
    await exec(
      here.host,
      'apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends exim4-daemon-light >/dev/null 2>&1',
    );
    const cwd = folder({
      'foobar.config.json': JSON.stringify({ sites: [site('one.test', 'one'), site('two.test', 'two')] }),
      ...application('one'),
      ...application('two'),
    });
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd });
    expect(ended.code, ended.stderr).toBe(0);
    await exec(here.host, `echo 'kept by two' >/srv/www/two.test/shared/.env; chown two_test:two_test /srv/www/two.test/shared/.env`);
  });

  /** Runs PHP as the first site does, and says what it printed. */
  const php = (code: string, domain = 'one.test') => runPhp(here.host.address, domain, code);

  test('each is its own user, and sees only itself', async () => {
    expect(
      await php(`echo posix_getpwuid(posix_geteuid())['name'], ' ', implode(' ', array_diff(scandir('/srv/www'), ['.', '..']));`),
    ).toBe('one_test one.test');
    expect(await php(`echo posix_getpwuid(posix_geteuid())['name'];`, 'two.test')).toBe('two_test');
  });

  test.each([
    ['files', '/srv/www/two.test/current/secret.txt'],
    ['what it keeps', '/srv/www/two.test/shared/.env'],
    ['sessions', '/srv/www/two.test/sessions'],
    ['logs', '/var/log/php/two.test'],
    ['visits', '/var/log/nginx/two.test.access.log'],
    ['configuration of PHP', '/etc/foobar-provision/instances/two.test/*/fpm.conf'],
    ['environment', '/etc/foobar-provision/instances/two.test/*/environment'],
    ['secrets', '/etc/foobar-provision/secrets/*'],
    ['own configuration, with its secrets', '/etc/foobar-provision/instances/one.test/*/environment'],
    ['record of runs', '/var/lib/foobar-provision/*'],
    ['passwords of the system', '/etc/shadow'],
    ['the database’s files', '/var/lib/mysql/two_test'],
  ])('does not read the other’s %s', async (_, path) => {
    const { stdout } = await exec(here.host, `ls -d ${path}`);
    expect(stdout, 'it is there').not.toBe('');
    for (const found of stdout.trim().split('\n'))
      expect(
        await php(`echo json_encode([@file_get_contents('${found}'), @scandir('${found}'), shell_exec('cat ${found} 2>/dev/null')]);`),
      ).toBe('[false,false,null]');
  });

  test('neither sees nor ends the other’s processes, nor sees any environment', async () => {
    const { stdout } = await exec(here.host, 'pgrep -u two_test -f "php-fpm: pool"; pgrep -f "php-fpm: master"');
    const pids = stdout.trim().split('\n');
    expect(pids.length).toBeGreaterThan(2);
    expect(
      await php(
        `foreach ([${pids.join(',')}] as $pid) echo json_encode([@file_get_contents("/proc/$pid/environ") ?: '', posix_kill($pid, 0)]);`,
      ),
    ).toBe(pids.map(() => '["",false]').join(''));
  });

  test('cannot connect to the other’s PHP', async () => {
    const { stdout } = await exec(here.host, 'ls /run/foobar-provision/*/*.sock');
    const sockets = stdout.trim().split('\n');
    expect(sockets).toHaveLength(2);
    for (const path of sockets)
      expect(await php(`echo json_encode(@stream_socket_client('unix://${path}', $code)), ' ', $code;`)).toBe('false 13');
    expect(
      await php(
        `echo json_encode(array_filter(array_keys(opcache_get_status()['scripts']), fn ($path) => str_contains($path, 'two.test')));`,
      ),
    ).toBe('[]');
  });

  test('writes only where it may', async () => {
    const tried = [
      '/srv/www/one.test/current/public/new.php',
      '/srv/www/one.test/new',
      '/srv/www/two.test/shared/new',
      '/etc/new',
      '/usr/local/bin/new',
      '/var/lib/mysql/new',
    ];
    for (const path of tried) expect(await php(`echo json_encode(@file_put_contents('${path}', 'x'));`), path).toBe('false');
    expect(await php(`echo file_put_contents('/srv/www/one.test/shared/new', 'x'), file_put_contents('/tmp/new', 'x');`)).toBe('11');
    expect(await php(`echo json_encode(file_exists('/tmp/new'));`, 'two.test')).toBe('false');
  });

  const sql = (query: string, as = '') =>
    php(`$db = new mysqli('localhost', ${as ? `'${as}'` : `$_SERVER['DB_USER']`}, $_SERVER['DB_PASSWORD'], '', 0, $_SERVER['DB_SOCKET']);
$rows = $db->query(<<<'SQL'
${query}
SQL);
echo $rows === true ? 'done' : json_encode($rows->fetch_all());`);

  test('has only its own database, and no rights on others', async () => {
    expect(JSON.parse(await sql('SHOW DATABASES'))).toEqual(expect.arrayContaining([['one_test'], ['information_schema']]));
    expect(await sql('SHOW DATABASES')).not.toMatch(/two_test|"mysql"|"sys"/);
    const grants = (JSON.parse(await sql('SHOW GRANTS')) as readonly (readonly [string])[]).map(([grant]) => grant);
    expect(grants.filter((grant) => grant.includes(' ON *.* '))).toEqual([expect.stringMatching(/^GRANT USAGE ON/)]);
    expect(grants.filter((grant) => !grant.includes(' ON *.* '))).toEqual([expect.stringMatching(/^GRANT .* ON `one\\_test`\.\* TO/)]);
    expect(grants.join()).not.toContain('GRANT OPTION');
    expect(await sql('CREATE TABLE one_test.mine (id int)')).toBe('done');
    for (const query of [
      'USE two_test',
      'CREATE TABLE two_test.mine (id int)',
      'SELECT * FROM mysql.user',
      "SELECT 1 INTO OUTFILE '/tmp/out'",
      'SET GLOBAL max_connections = 1',
      'CREATE USER other@localhost',
    ])
      expect(await sql(query), query).toMatch(/^mysqli_sql_exception: .*(denied|need)/);
    expect(await sql("SELECT LOAD_FILE('/etc/passwd')")).toBe('[[null]]');
    expect(await sql('SELECT 1', 'two_test')).toMatch(/^mysqli_sql_exception: Access denied/);
    expect(await sql('SELECT 1', 'root')).toMatch(/^mysqli_sql_exception: Access denied/);
  });

  test('PHP’s usual extensions work despite the hardening', async () => {
    expect(await php(`echo (new NumberFormatter('de_DE', NumberFormatter::DECIMAL))->format(1234.5), ' ', mb_strtoupper('ä');`)).toBe(
      '1.234,5 Ä',
    );
    expect(
      await php(
        `$i = imagecreatetruecolor(9, 9); imagejpeg($i, '/srv/www/one.test/shared/i.jpg'); echo getimagesize('/srv/www/one.test/shared/i.jpg')['mime'];
         $z = new ZipArchive; $z->open('/tmp/z.zip', ZipArchive::CREATE); $z->addFromString('a', 'b'); echo json_encode($z->close());
         echo strlen(random_bytes(8)), password_verify('x', password_hash('x', PASSWORD_ARGON2ID)) ? ' hashed' : '', ' ', trim(shell_exec('echo run'));
         session_start(); $_SESSION['a'] = 1; echo json_encode(session_write_close());`,
      ),
    ).toBe('image/jpegtrue8 hashed runtrue');
    expect(
      await php(
        `$m = curl_init('http://two.test/'); curl_setopt_array($m, [CURLOPT_RESOLVE => ['two.test:80:127.0.0.1'], CURLOPT_RETURNTRANSFER => true]); echo curl_exec($m);`,
      ),
    ).toBe('this is two');
  });

  test('mail is sent by the host’s own mail program', async () => {
    expect(await php(`echo json_encode(mail('root', 'by PHP', 'x'));`)).toBe('true');
    await expect
      .poll(async () => (await exec(here.host, 'cat /var/mail/* 2>/dev/null')).stdout, { timeout: 20_000 })
      .toContain('Subject: by PHP');
  });

  test.each(['worker', 'cron'])('its background jobs see as little: its %s', async (name) => {
    await sleep(6000);
    const { stdout } = await exec(here.host, `cat /srv/www/one.test/shared/${name}.log`);
    expect(stdout).toMatch(/^one_test\none\.test\n/);
    expect(stdout).not.toMatch(/of two|TOKEN|PASSWORD/);
    expect(stdout.match(/No such file|Permission denied|cannot access|Read-only/g)?.length, stdout).toBeGreaterThanOrEqual(3);
    if (suite === 'bookworm') return;
    await expect.poll(async () => (await exec(here.host, 'cat /var/mail/*')).stdout, { timeout: 20_000 }).toContain('Subject: beside');
  });

  test.each(['/.env', '/.git/config', '/..%2fsecret.txt', '/../secret.txt', '/uploads/x.php', '/storage/x.phtml'])(
    'from outside, %s is refused although it exists',
    async (path) => {
      await exec(
        here.host,
        `cd "$(readlink -f /srv/www/one.test/current)/public"; for at in uploads storage; do mkdir -p $at; for end in php phtml; do echo '<?php echo 6 * 7;' >$at/x.$end; done; done; mkdir -p .git; echo '[core]' >.git/config; echo SECRET=1 >.env`,
      );
      const answer = await ask(here.host.address, 'one.test', path);
      expect([400, 403, 404]).toContain(answer?.status);
      expect(answer?.body).not.toMatch(/SECRET|core|42|run as|a file of/);
    },
  );

  test.each(['/a.jpg/x.php', '/a.jpg/run.php'])(
    'from outside, %s does not run the picture: the front controller answers, as for any address without a file',
    async (path) => expect(await ask(here.host.address, 'one.test', path)).toEqual({ status: 200, body: 'this is one' }),
  );

  test('only ports 22 and 80 answer', { timeout: 300_000 }, async () => {
    const listening = await exec(here.host, "ss -Hltn | awk '{ print $4 }'");
    expect(listening.stdout).toMatch(/:3306/);
    const open: number[] = [];
    for (let first = 1; first < 65_536; first += 4096)
      open.push(
        ...(await answering(
          here.host.address,
          Array.from({ length: Math.min(4096, 65_536 - first) }, (_, index) => first + index),
        )),
      );
    expect(open).toEqual([22, 80]);
  });
});

/** Which of these ports take a connection within two seconds. */
async function answering(host: string, ports: readonly number[]): Promise<readonly number[]> {
  const answers = await Promise.all(
    ports.map(
      (port) =>
        new Promise<boolean>((resolve) => {
          const socket = connect({ host, port });
          const end = (is: boolean) => {
            socket.destroy();
            resolve(is);
          };
          setTimeout(() => end(false), 2000);
          socket.once('connect', () => end(true));
          socket.once('error', () => end(false));
        }),
    ),
  );
  return ports.filter((_, index) => answers[index]);
}
