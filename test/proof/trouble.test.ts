import { describe, expect, test } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';
import { ask } from '../lab/ask.ts';
import { cli, type Ended, named } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';

/** A host that has the packages already, so that a test of what else may be wrong takes seconds. */
const stack = { include: ['nginx', 'mariadb-server', 'php8.4-fpm', 'php8.4-mysql'] };
const lean = ['--yes', '--config', `${import.meta.dirname}/../lab/lean.config.json`];

function last(ended: Ended): Record<string, unknown> {
  return ended.events.at(-1) ?? {};
}

describe.skipIf(unsupported() !== undefined)('a bare host with troubles of its own', () => {
  const here = lab('trixie');

  test('a package mirror that is down: told before any change', async () => {
    await exec(
      here.host,
      'cp -a /etc/apt /root/apt; sed -i "s,^\\(URIs:\\|deb \\).*,&,; s,http://[^ /]*,http://127.0.0.1:9,g" /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null; true',
    );
    const ended = await cli(here.host, 'apply', lean);
    await exec(here.host, 'rm -rf /etc/apt && mv /root/apt /etc/apt');
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('could not fetch its package lists')]);
    expect((await exec(here.host, 'ls /srv/www /var/lib/foobar-provision 2>/dev/null')).stdout).toBe('');
  });

  test('another program on port 80: named before any change', async () => {
    await exec(
      here.host,
      `cat >/run/listen.pl <<'PERL'
use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 80, Listen => 1, ReuseAddr => 1) or die; $0 = "apache2"; sleep 120;
PERL
systemd-run --quiet --unit=occupant perl /run/listen.pl; sleep 0.5`,
    );
    const ended = await cli(here.host, 'apply', lean);
    await exec(here.host, 'systemctl stop occupant');
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringMatching(/Port 80 of .* is taken by/)]);
    expect((await exec(here.host, 'ls /srv/www 2>/dev/null')).stdout).toBe('');
  });

  test('a dpkg lock that another apt holds, /tmp without exec, umask 077, a banner, needrestart, an interrupted dpkg: waited out or worked around', {
    timeout: 240_000,
  }, async () => {
    const troubled = await exec(
      here.host,
      `set -e
mount -t tmpfs -o noexec,nosuid tmpfs /tmp
printf 'umask 077\\necho "Welcome to this host"\\n' >>/root/.bashrc; printf 'umask 077\\necho "Welcome to this host"\\n' >/root/.profile
apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq needrestart >/dev/null
apt-get download -qq hello 2>/dev/null; dpkg --unpack hello_*.deb >/dev/null; touch /var/lib/dpkg/updates/0000
cat >/run/hold.pl <<'PERL'
use Fcntl; open(my $f, '+>', '/var/lib/dpkg/lock-frontend') or die; fcntl($f, F_SETLK, pack('s s l! l! i', F_WRLCK, 0, 0, 0, 0)) or die $!; $0 = 'apt-get'; sleep 15;
PERL
systemd-run --quiet --unit=holder perl /run/hold.pl`,
    );
    expect(troubled.code, troubled.stderr).toBe(0);
    const ended = await cli(here.host, 'apply', lean);
    expect(ended.code, ended.stderr).toBe(0);
    expect(named(ended, 'progress').map(({ text }) => String(text))).toContainEqual(expect.stringContaining('waiting for'));
    expect((await exec(here.host, 'dpkg --audit; stat -c %a /etc/nginx/conf.d/foobar-provision.conf')).stdout.trim()).toBe('644');
  });
});

describe.skipIf(unsupported() !== undefined)('a host that serves', () => {
  const here = lab('trixie', stack);

  test('data that was in the database stays, and so do vhosts of its owner', async () => {
    await exec(
      here.host,
      `mariadb -e 'CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (7)'
printf 'server { listen 8080; server_name own.example; return 200 "own\\n"; }\\n' >/etc/nginx/sites-enabled/own.conf`,
    );
    const ended = await cli(here.host, 'apply', lean);
    expect(ended.code, ended.stderr).toBe(0);
    expect(last(ended).healthy).toBe(true);
    const eye = await exec(here.host, `mariadb -BN -e 'SELECT id FROM shop.orders'; cat /etc/nginx/sites-enabled/own.conf | head -c 22`);
    expect(eye.stdout).toBe('7\nserver { listen 8080; ');
  });

  test('an nginx configuration of its owner that is broken: refused, told, and nothing is worse', async () => {
    await exec(here.host, `echo 'nonsense;' >/etc/nginx/sites-enabled/broken.conf`);
    const before = await exec(
      here.host,
      'find /etc/nginx /etc/php /srv/www -printf "%p %s %T@\\n" | grep -v foobar-provision- | sort | sha256sum; systemctl show -p ExecMainPID nginx php8.4-fpm',
    );
    const ended = await cli(here.host, 'apply', ['--yes', '--config', `${import.meta.dirname}/../lab/alias.config.json`]);
    const after = await exec(
      here.host,
      'find /etc/nginx /etc/php /srv/www -type f -printf "%p %s\\n" | sort | sha256sum; systemctl show -p ExecMainPID nginx php8.4-fpm; systemctl is-active nginx',
    );
    expect(ended.code, ended.stdout).toBe(5);
    expect(ended.stderr).toContain('nginx -t');
    expect(ended.stdout).toContain('broken.conf');
    expect(after.stdout).toContain('active');
    expect(after.stdout.split('\n')[1]).toBe(before.stdout.split('\n')[1]);
    await exec(here.host, 'rm /etc/nginx/sites-enabled/broken.conf');
    expect((await cli(here.host, 'plan', lean.slice(1))).code).toBe(0);
  });

  test('a template that nginx refuses, a pool that FPM refuses, an option that the database refuses: each refused before anything is live, and the site answers all the while', async () => {
    for (const [breaks, checker] of [
      ['nginx', 'nginx -t'],
      ['fpm', 'php-fpm8.4 -t'],
      ['mysql', 'mariadbd --help --verbose'],
    ] as const) {
      const answers: number[] = [];
      let over = false;
      const asking = (async () => {
        while (!over) {
          answers.push((await ask(here.host.address, 'www.foobar.com'))?.status ?? 0);
        }
      })();
      const ended = await cli(here.host, 'apply', ['--yes', '--config', `${import.meta.dirname}/../lab/broken-${breaks}.config.ts`]);
      over = true;
      await asking;
      expect([breaks, ended.code]).toEqual([breaks, 5]);
      expect(ended.stderr).toContain(checker);
      expect(new Set(answers), breaks).toEqual(new Set([200]));
      expect(answers.length).toBeGreaterThan(20);
    }
    expect((await cli(here.host, 'plan', lean.slice(1))).code).toBe(0);
  });

  test('ten runs at once: one runs, nine exit 3 and name it; afterwards the lock is free', async () => {
    await exec(here.host, 'rm /etc/nginx/conf.d/foobar-provision.conf; systemctl stop nginx');
    const ended = await Promise.all(Array.from({ length: 10 }, () => cli(here.host, 'apply', lean)));
    const codes = ended.map(({ code }) => code);
    // A run that looked after the first had ended finds nothing to do, which is a success too.
    expect(codes.filter((code) => code === 0).length, String(codes)).toBeGreaterThanOrEqual(1);
    expect(
      codes.every((code) => code === 0 || code === 3 || code === 1),
      String(codes),
    ).toBe(true);
    for (const { code, stderr } of ended) if (code === 3) expect(stderr).toMatch(/Another run .*holds the lock/);
    expect((await cli(here.host, 'apply', lean)).code).toBe(0);
  });
});
