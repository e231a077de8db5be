import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';
import { ask } from '../lab/ask.ts';
import { cli, type Ended, named } from '../lab/cli.ts';
import { rightClock, wrongClock } from '../lab/clock.ts';
import { differences, fingerprint } from '../lab/fingerprint.ts';
import { exec, type Lab, lab } from '../lab/host.ts';
import { stack } from '../lab/packages.ts';

/** For a host that has the packages already, so that a test of other troubles takes seconds. */
const config = (name: string) => ['--config', join(import.meta.dirname, name)];
const lean = config('../lab/lean.config.json');
const apply = ['--yes', ...lean];

function last(ended: Ended): Record<string, unknown> {
  return ended.events.at(-1) ?? {};
}

/** Changes a host by a script that must succeed, and undoes it at the end of the test. */
async function disturb({ host }: Lab, script: string, undo?: string): Promise<void> {
  if (undo) onTestFinished(async () => void (await exec(host, undo)));
  const { code, stdout, stderr } = await exec(host, `set -e\n${script}`);
  expect(code, stdout + stderr).toBe(0);
}

/** Returns a script that makes apt look for all package mirrors on this port of the host itself. */
const mirrorsAt = (port: number) =>
  `cp -a /etc/apt /root/apt; find /etc/apt -name "*.list" -o -name "*.sources" | xargs sed -i "s,http://[^ /]*,http://127.0.0.1:${port},g"`;
const mirrorsBack = 'rm -rf /etc/apt && mv /root/apt /etc/apt';

describe.skipIf(unsupported() !== undefined)('a bare host with troubles of its own', () => {
  const here = lab('trixie');
  const made = async () => (await exec(here.host, 'ls -d /srv/www /var/lib/foobar-provision /etc/nginx 2>/dev/null')).stdout;

  test('a package mirror that is down is reported before any change', async () => {
    await disturb(here, mirrorsAt(9), mirrorsBack);
    const ended = await cli(here.host, 'apply', apply);
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('could not fetch its package lists')]);
    expect(await made()).toBe('');
  });

  test('a clock that is a year behind, so that package lists are from the future, is reported as such before any change', async () => {
    await disturb(
      here,
      'apt-get update -qq; apt-get install -y -qq --no-install-recommends libfaketime >/dev/null 2>&1; rm -rf /var/lib/apt/lists/*',
      'apt-get purge -y -qq libfaketime',
    );
    await disturb(here, wrongClock(-400), rightClock);
    const ended = await cli(here.host, 'apply', apply);
    expect([ended.code, ended.stderr]).toEqual([
      1,
      expect.stringMatching(/could not fetch its package lists, and its clock is 345[56]\d{4} s behind/),
    ]);
    expect(last(ended)).toMatchObject({ error: { hint: expect.stringContaining('timedatectl') } });
    expect(await made()).toBe('');
  });

  test('a read-only /etc is reported before any change', async () => {
    await disturb(here, 'mount --bind /etc /etc; mount -o remount,bind,ro /etc', 'umount /etc');
    const ended = await cli(here.host, 'apply', apply);
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringMatching(/\/etc cannot be written to/)]);
    expect(await made()).toBe('');
  });

  test('an Apache on port 80 is reported before any change, and serves as before', async () => {
    await disturb(
      here,
      'apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends apache2 >/dev/null 2>&1; systemctl is-active apache2',
      'apt-get purge -y -qq apache2 apache2-bin apache2-data apache2-utils >/dev/null; apt-get autoremove --purge -y -qq >/dev/null; rm -rf /var/www /var/lib/apt/lists/*',
    );
    const ended = await cli(here.host, 'apply', apply);
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringMatching(/Port 80 of .* is taken by apache2/)]);
    expect(await made()).toBe('');
    expect(await ask(here.host.address, 'www.foobar.com')).toMatchObject({ status: 200, body: expect.stringContaining('Apache2') });
  });

  test('a full disk is reported before any change', async () => {
    await disturb(here, 'mount -t tmpfs -o size=20m tmpfs /srv', 'umount /srv');
    const ended = await cli(here.host, 'apply', apply);
    expect([ended.code, ended.stderr]).toEqual([
      1,
      expect.stringMatching(/too little space on .*: \/srv has 2[01] MB free and needs about/),
    ]);
    expect(await made()).toBe('');
  });

  test('a package mirror that accepts requests and never answers is reported within two minutes, before any change', {
    timeout: 180_000,
  }, async () => {
    await disturb(
      here,
      `cat >/run/silent.pl <<'PERL'
use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 99, Listen => 50, ReuseAddr => 1) or die; my @all; while (1) { push @all, $s->accept }
PERL
systemd-run --quiet --unit=silent perl /run/silent.pl; until ss -Hltn 'sport = :99' | grep -q .; do sleep 0.1; done
${mirrorsAt(99)}`,
      `systemctl stop silent; ${mirrorsBack}`,
    );
    const begun = Date.now();
    const ended = await cli(here.host, 'apply', apply);
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('could not fetch its package lists')]);
    expect(Date.now() - begun).toBeLessThan(120_000);
    expect(await made()).toBe('');
  });

  test('a slow package mirror is waited for', { timeout: 420_000 }, async () => {
    await disturb(here, `echo 'Acquire::http::Dl-Limit "70";' >/etc/apt/apt.conf.d/slow`, 'rm -f /etc/apt/apt.conf.d/slow');
    const begun = Date.now();
    const ended = await cli(here.host, 'plan', lean);
    expect(ended.code, ended.stderr).toBe(2);
    // Otherwise the mirror was not slow.
    expect(Date.now() - begun).toBeGreaterThan(60_000);
    expect(await made()).toBe('');
  });

  test('a dpkg lock of another apt, /tmp without exec, umask 077, a banner, needrestart and an interrupted dpkg are no obstacle', {
    timeout: 240_000,
  }, async () => {
    await disturb(
      here,
      `mount -t tmpfs -o noexec,nosuid tmpfs /tmp
printf 'umask 077\\necho "Welcome to this host"\\n' >>/root/.bashrc; printf 'umask 077\\necho "Welcome to this host"\\n' >/root/.profile
apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq needrestart >/dev/null 2>&1
cd /root; apt-get download -qq hello 2>/dev/null; dpkg --unpack hello_*.deb >/dev/null; touch /var/lib/dpkg/updates/0000
# The state in which a power cut leaves a package that was being unpacked. dpkg --configure does not complete it.
sed -i '/^Package: hello$/,/^$/s/^Status: .*/Status: install reinstreq unpacked/' /var/lib/dpkg/status
cat >/run/hold.pl <<'PERL'
use Fcntl;
open(my $f, '+>', '/var/lib/dpkg/lock-frontend') or die;
my $lock = pack('s s x![q] q q i x![q]', F_WRLCK, 0, 0, 0, 0);
fcntl($f, F_SETLK, $lock) or die $!;
$0 = 'apt-get'; sleep 1 until glob '/var/lib/foobar-provision/runs/*/journal'; sleep 10;
PERL
systemd-run --quiet --unit=holder perl /run/hold.pl; sleep 0.5; systemctl is-active holder`,
    );
    const ended = await cli(here.host, 'apply', apply);
    expect(ended.code, ended.stderr).toBe(0);
    expect(last(ended).healthy).toBe(true);
    const told = new Set(named(ended, 'progress').map(({ text }) => String(text)));
    expect([...told].filter((text) => /^(waiting|finishing)/.test(text))).toEqual([
      expect.stringMatching(/^waiting for \S+ \(pid \d+\)$/),
      'finishing an interrupted dpkg',
    ]);
    // Otherwise the banner would be part of the output below.
    await exec(here.host, 'rm -f /root/.profile /root/.bashrc');
    const state = await exec(
      here.host,
      "dpkg --audit; stat -c %a /etc/nginx/conf.d/foobar-provision.conf; dpkg-query -W -f '${db:Status-Abbrev}' hello",
    );
    expect(state.stdout.trim()).toBe('644\nii');
  });

  test('destroy leaves the bare host that it was', { timeout: 240_000 }, async () => {
    // The packages that the troubles installed stay, and so do those that they need.
    await exec(here.host, 'umount /tmp; rm -f /root/hello*');
    const gone = await cli(here.host, 'destroy', ['--allow-destroy', ...apply]);
    expect(gone.code, gone.stderr).toBe(0);
    const left = await exec(
      here.host,
      'ls -d /srv/www /var/lib/foobar-provision /etc/foobar-provision /etc/nginx /etc/php /etc/mysql /var/lib/mysql /var/log/mysql /var/log/php 2>/dev/null; dpkg -l | grep -E "^.. +(nginx|php|mariadb|mysql)"; systemctl --failed --no-legend',
    );
    expect(left.stdout).toBe('');
  });
});

describe.skipIf(unsupported() !== undefined)('a host that serves', () => {
  const here = lab('trixie', { include: stack });
  const page = async (name: string) => await ask(here.host.address, name);

  test("data in the database stays, and so do its owner's sites, including the default one", async () => {
    const own = '/etc/nginx/sites-enabled/own.conf';
    await disturb(
      here,
      `until mariadb -e 'SELECT 1' >/dev/null 2>&1; do sleep 0.2; done
mariadb -e 'CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (7)'
rm /etc/nginx/sites-enabled/default
printf 'server { listen 80 default_server; listen [::]:80 default_server; server_name own.example; return 200 "own\\n"; }\\n' >${own}; systemctl reload nginx`,
    );
    const ended = await cli(here.host, 'apply', apply);
    expect(ended.code, ended.stderr).toBe(0);
    expect(last(ended).healthy).toBe(true);
    expect(named(ended, 'note').map(({ text }) => text)).toContainEqual(
      expect.stringContaining(`${own} defines the default server for unknown names`),
    );
    expect([await page('own.example'), await page('unknown.example'), (await page('www.foobar.com'))?.status]).toEqual([
      { status: 200, body: 'own\n' },
      { status: 200, body: 'own\n' },
      200,
    ]);
    expect((await exec(here.host, `mariadb -BN -e 'SELECT id FROM shop.orders'; head -c 20 ${own}`)).stdout).toBe(
      '7\nserver { listen 80 d',
    );

    // Without the owner's default server, ours answers. Beside ours, nginx would refuse to start when it comes back, so ours is removed.
    await exec(here.host, `mv ${own} /root/`);
    expect((await cli(here.host, 'apply', apply)).code).toBe(0);
    expect(await page('unknown.example')).toBe(undefined);
    await exec(here.host, `mv /root/own.conf ${own}`);
    expect((await exec(here.host, 'nginx -t')).code).toBe(1);
    const again = await cli(here.host, 'apply', apply);
    expect(again.code, again.stderr).toBe(0);
    expect(await page('unknown.example')).toEqual({ status: 200, body: 'own\n' });
    expect((await cli(here.host, 'plan', lean)).code).toBe(0);
  });

  test("a site of its owner listens on the host's address: both are served there", async () => {
    const own = '/etc/nginx/sites-enabled/bound.conf';
    const { address } = here.host;
    await disturb(
      here,
      `printf 'server { listen ${address}:80; server_name bound.example; return 200 "bound\\n"; }\n' >${own}; systemctl restart nginx`,
      `rm -f ${own}; systemctl restart nginx`,
    );
    expect(await page('www.foobar.com')).toEqual({ status: 200, body: 'bound\n' });
    const ended = await cli(here.host, 'apply', apply);
    expect(ended.code, ended.stderr).toBe(0);
    expect([await page('bound.example'), (await page('www.foobar.com'))?.body.includes('bound')]).toEqual([
      { status: 200, body: 'bound\n' },
      false,
    ]);
    await exec(here.host, `rm ${own}; systemctl restart nginx`);
    expect((await cli(here.host, 'apply', apply)).code).toBe(0);
    expect((await exec(here.host, `grep -rl ${address} /etc/nginx`)).stdout).toBe('');
  });

  test('a broken nginx configuration of its owner is refused and reported, and nothing changes', async () => {
    await disturb(here, `echo 'nonsense;' >/etc/nginx/sites-enabled/broken.conf`, 'rm -f /etc/nginx/sites-enabled/broken.conf');
    const looked = await cli(here.host, 'plan', lean);
    expect(looked.code).toBe(0);
    expect(looked.stdout).toMatch(/Nginx rejects [^"]*: unknown directive \\"nonsense\\" in \/etc\/nginx\/sites-enabled\/broken\.conf:1\./);
    const before = await fingerprint(here.host);
    const started = 'systemctl show -p ExecMainPID nginx';
    const pid = (await exec(here.host, started)).stdout;
    const ended = await cli(here.host, 'apply', ['--yes', ...config('alias.config.json')]);
    expect([ended.code, ended.stderr]).toEqual([5, expect.stringContaining('nginx -t')]);
    expect(last(ended)).toMatchObject({ error: { stderr: expect.stringContaining('broken.conf') } });
    expect(differences(before, await fingerprint(here.host))).toEqual([]);
    expect((await exec(here.host, started)).stdout).toBe(pid);
    await exec(here.host, 'rm /etc/nginx/sites-enabled/broken.conf');
    expect((await cli(here.host, 'plan', lean)).code).toBe(0);
  });

  test.each([
    ['a template that nginx refuses', 'nginx', /^check nginx -t /],
    ['a pool that FPM refuses', 'fpm', /^check php-fpm8\.4 /],
    ['an option that the database refuses', 'mysql', /^check mariadbd /],
  ])('%s is refused before anything is live, and the site answers all the time', async (_, breaks, refusal) => {
    const before = await fingerprint(here.host);
    const answers: number[] = [];
    let over = false;
    const asking = (async () => {
      while (!over) answers.push((await page('www.foobar.com'))?.status ?? 0);
    })();
    const ended = await cli(here.host, 'apply', ['--yes', ...config(`broken-${breaks}.config.ts`)]);
    over = true;
    await asking;
    expect([ended.code, ended.stderr]).toEqual([5, expect.stringMatching(/serves as before/)]);
    expect(last(ended)).toMatchObject({ error: { message: expect.stringMatching(refusal) } });
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(answers.length).toBeGreaterThan(20);
    expect(differences(before, await fingerprint(here.host))).toEqual([]);
    expect((await cli(here.host, 'plan', lean)).code).toBe(0);
  });

  test('after a boot without /var/log, /var/cache and /var/tmp, one run repairs what did not start', { timeout: 240_000 }, async () => {
    await exec(here.host, 'rm -rf /var/log/* /var/cache/* /var/tmp/*');
    await here.reboot();
    expect((await exec(here.host, 'systemctl is-active nginx')).stdout).toBe('failed\n');
    const ended = await cli(here.host, 'apply', apply);
    expect([ended.code, ended.stderr, last(ended).healthy], ended.stdout).toEqual([0, '', true]);
    expect((await exec(here.host, 'systemctl --failed --no-legend')).stdout).toBe('');
    expect((await cli(here.host, 'plan', lean)).code).toBe(0);
  });

  test('without space for the records of a run, the run reports it and changes nothing, and works once there is some', async () => {
    const state = '/var/lib/foobar-provision';
    const before = await fingerprint(here.host);
    await disturb(
      here,
      `cp -a ${state} /root/state; mount -t tmpfs -o size=4m,mode=700 tmpfs ${state}; cp -a /root/state/. ${state}/; dd if=/dev/zero of=${state}/filler bs=4k 2>/dev/null || :`,
      `umount ${state}; rm -rf /root/state`,
    );
    const ended = await cli(here.host, 'apply', ['--yes', ...config('alias.config.json')]);
    expect([ended.code, ended.stderr]).toEqual([
      1,
      expect.stringMatching(/no space left in \/var\/lib\/foobar-provision: make room there/),
    ]);
    await exec(here.host, `rm ${state}/filler`);
    expect(differences(before, await fingerprint(here.host))).toEqual([]);
    expect((await cli(here.host, 'apply', ['--yes', ...config('alias.config.json')])).code).toBe(0);
    expect((await cli(here.host, 'apply', apply)).code).toBe(0);
  });

  test('a disk that fills up during a run causes a rollback, and the site serves as before', async () => {
    await disturb(
      here,
      'cp -a /srv/www /root/www; mount -t tmpfs -o size=120m tmpfs /srv; cp -a /root/www /srv/',
      'umount /srv; rm -rf /root/www',
    );
    const before = await fingerprint(here.host);
    const ended = await cli(here.host, 'apply', ['--yes', ...config('filling.config.ts')]);
    expect([ended.code, ended.stderr]).toEqual([5, expect.stringMatching(/serves as before/)]);
    expect(last(ended)).toMatchObject({ error: { stderr: expect.stringMatching(/No space left on device/) } });
    expect((await page('www.foobar.com'))?.status).toBe(200);
    expect(differences(before, await fingerprint(here.host))).toEqual([]);
    // The release that failed is not kept, because it would fill the disk.
    const left = await exec(here.host, `df -Pk /srv | awk 'END { print ($4 > 80000) }'; ls -d /srv/www/*/releases/*.failed`);
    expect(left.stdout).toBe('1\n');
    expect((await cli(here.host, 'plan', lean)).code).toBe(0);
  });

  test('with a clock that is a year off, a run that needs no package lists still works', async () => {
    await disturb(here, 'apt-get update -qq; apt-get install -y -qq --no-install-recommends libfaketime >/dev/null 2>&1');
    for (const [days, name] of [
      [-400, 'alias.config.json'],
      [400, '../lab/lean.config.json'],
    ] as const) {
      await exec(here.host, wrongClock(days));
      const ended = await cli(here.host, 'apply', ['--yes', ...config(name)]);
      const next = await cli(here.host, 'plan', config(name));
      await exec(here.host, rightClock);
      expect([days, ended.code, ended.stderr, next.code]).toEqual([days, 0, '', 0]);
      expect(named(ended, 'change').length).toBeGreaterThan(0);
    }
    expect((await cli(here.host, 'plan', lean)).code).toBe(0);
  });

  test('of ten simultaneous runs, one runs and nine exit with 3 and name it, and afterwards the lock is free', async () => {
    const slow = ['--yes', ...config('slow.config.ts')];
    const ended = await Promise.all(Array.from({ length: 10 }, () => cli(here.host, 'apply', slow)));
    expect(ended.map(({ code }) => code).toSorted()).toEqual([0, 3, 3, 3, 3, 3, 3, 3, 3, 3]);
    const [run] = (
      await exec(
        here.host,
        'grep -l slow /var/lib/foobar-provision/runs/*/begun /var/lib/foobar-provision/runs/*/journal | cut -d / -f 6 | sort | tail -n 1',
      )
    ).stdout.split('\n');
    for (const { code, stderr } of ended) if (code === 3) expect(stderr).toContain(`Another run (${run}) holds the lock`);
    expect((await cli(here.host, 'apply', apply)).code).toBe(0);
  });
});
