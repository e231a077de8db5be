import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unsyncedPackages } from '../../src/engine/run-libraries.ts';
import { unsupported } from '../../src/sandbox/index.ts';
import { ask } from './ask.ts';
import { cli, type Ended, named, start } from './cli.ts';
import { differences, fingerprint } from './fingerprint.ts';
import { exec, lab } from './host.ts';
import { stack } from './packages.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foobar-life-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function config(name: string, content: object): Promise<readonly string[]> {
  const file = join(folder, `${name}.config.json`);
  await writeFile(file, JSON.stringify({ php: { extensions: [] }, host: false, ...content }));
  return ['--config', file];
}

/** What was planned, as what a user is told of each change. */
function changesOf(ended: Ended): readonly string[] {
  return named(ended, 'change')
    .map(({ resource, action, reason, summary }) => `${resource} ${action} ${reason} ${summary}`)
    .sort();
}

async function asks(address: string, name: string): Promise<number> {
  return (await ask(address, name))?.status ?? 0;
}

describe.skipIf(unsupported() !== undefined)('the life of a host', () => {
  const here = lab('trixie', { include: stack });
  const twin = lab('trixie', { include: stack });
  let before: readonly string[] = [];

  test('a plan on a bare host leaves no trace, can be saved, and equals what the run does', async () => {
    const args = await config('first', { domain: 'foobar.com' });
    before = await fingerprint(here.host);
    const trace = 'find / -xdev \\( -path /run -o -path /var/log \\) -prune -o -newer /run/since -type f -print';
    await exec(here.host, 'touch /run/since; sleep 1.1');
    const saved = join(folder, 'plan.json');
    const plan = await cli(here.host, 'plan', [...args, '--out', saved]);
    expect(plan.code).toBe(2);
    expect((await exec(here.host, trace)).stdout).toBe('');
    const run = await cli(here.host, 'apply', ['--yes', '--plan', saved, ...args]);
    expect(run.code, run.stderr).toBe(0);
    expect(changesOf(run)).toEqual(changesOf(plan));
    expect((await cli(here.host, 'plan', [...args])).code).toBe(0);
    // The same saved plan again: the host has moved, and that is named.
    const again = await cli(here.host, 'apply', ['--yes', '--plan', saved, ...args]);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('has changed since the plan was saved')]);
  });

  test('an exported script, run by hand on a fresh host, gives the same host', async () => {
    const args = await config('first', { domain: 'foobar.com' });
    const out = join(folder, 'export.sh');
    const exported = await cli(twin.host, 'export', [...args, '--out', out]);
    expect(exported.code, exported.stderr).toBe(0);
    const { readFile } = await import('node:fs/promises');
    const byHand = await exec(
      twin.host,
      `cat >/root/export.sh <<'END-OF-EXPORT'\n${await readFile(out, 'utf8')}\nEND-OF-EXPORT\numask 077; sh /root/export.sh; rm /root/export.sh`,
    );
    expect(byHand.code, byHand.stderr + byHand.stdout).toBe(0);
    expect(differences(await fingerprint(here.host), await fingerprint(twin.host))).toEqual([]);
    expect((await cli(twin.host, 'plan', [...args])).code).toBe(0);
  });

  test('a second site from another configuration: both serve, and removing it leaves the first intact', async () => {
    const one = await fingerprint(here.host);
    const args = await config('second', { domain: 'second.example', database: { engine: 'none' } });
    const run = await cli(here.host, 'apply', ['--yes', ...args]);
    expect(run.code, run.stderr).toBe(0);
    expect([await asks(here.host.address, 'www.foobar.com'), await asks(here.host.address, 'www.second.example')]).toEqual([200, 200]);
    // The first gives up a part of the host's memory and of the database's connections, when it is applied next.
    const shared = await cli(here.host, 'plan', await config('first', { domain: 'foobar.com' }));
    const own =
      /\/instances\/foobar\.com\/|\bphp-foobar\.com-|^live:\/srv\/www\/foobar\.com\/current |^file:\/etc\/mysql\/|:mariadb\.service /;
    expect([shared.code, changesOf(shared).filter((change) => !own.test(change))]).toEqual([2, []]);
    await exec(here.host, 'echo "a warning" >/var/log/php/second.example/error.log');
    // It has no database and no uploads, and its logs alone are not data that has to be given up by name.
    const gone = await cli(here.host, 'destroy', ['--yes', ...args]);
    expect(gone.code, gone.stderr).toBe(0);
    const [logs] = named(gone, 'change').filter(({ resource }) => resource === 'directory:/var/log/php/second.example');
    expect(logs).toMatchObject({ summary: 'remove, with its logs' });
    expect(differences(one, await fingerprint(here.host))).toEqual([]);
    expect([await asks(here.host.address, 'www.foobar.com'), await asks(here.host.address, 'www.second.example')]).toEqual([200, 0]);
  });

  test('another domain in the same configuration: the old vhost, pool and socket are removed, and removing its data and account needs permission', async () => {
    const args = await config('first', { name: 'foobar.com', domain: 'renamed.example' });
    const run = await cli(here.host, 'apply', ['--yes', ...args]);
    expect(run.code, run.stderr).toBe(0);
    expect(named(run, 'refused').map(({ resource }) => resource)).toEqual(expect.arrayContaining(['mysql-database:foobar_com']));
    expect([await asks(here.host.address, 'www.renamed.example'), await asks(here.host.address, 'www.foobar.com')]).toEqual([200, 0]);
    const left = await exec(
      here.host,
      "ls /etc/nginx/sites-available/foobar.com.conf 2>/dev/null; ls -d /run/foobar-provision/foobar.com /etc/foobar-provision/instances/foobar.com 2>/dev/null; systemctl list-units --plain --no-legend 'php-foobar.com-*'; mariadb -BN -e \"SHOW DATABASES LIKE 'foobar%'\"",
    );
    expect(left.stdout.trim()).toBe('foobar_com');
    const allowed = await cli(here.host, 'apply', ['--yes', '--allow-destroy', ...args]);
    expect(allowed.code, allowed.stderr).toBe(0);
    expect(
      (await exec(here.host, 'ls /srv/www; getent passwd foobar_com; mariadb -e "SHOW DATABASES LIKE \'foobar%\'"')).stdout.trim(),
    ).toBe('renamed.example');
    expect((await cli(here.host, 'plan', [...args])).code).toBe(0);
  });

  test('Ctrl-C stops after the step, says that running again is safe, and exits with 130; the next run finishes', async () => {
    const args = await config('first', {
      name: 'foobar.com',
      domain: 'renamed.example',
      php: { extensions: ['gd'], settings: { memory_limit: '99M' } },
    });
    const { child, ended } = start(here.host, 'apply', ['--yes', ...args]);
    const running = async () =>
      (await exec(here.host, 'systemctl list-units --plain --no-legend --state=active "foobar-provision-run-*"')).stdout !== '';
    while (!(await running())) await sleep(50);
    child.kill('SIGINT');
    const stopped = await ended;
    expect([stopped.code, stopped.stderr]).toEqual([130, expect.stringMatching(/again is safe/)]);
    expect(stopped.events.at(-1)).toMatchObject({ event: 'result', ok: false, exitCode: 130 });
    const plan = await cli(here.host, 'plan', [...args]);
    expect(plan.code).toBe(2);
    const own = named(plan, 'change').filter(({ resource }) => !String(resource).startsWith('handler:'));
    expect(new Set(own.map(({ reason }) => reason))).toEqual(new Set(['pending']));
    const next = await cli(here.host, 'apply', ['--yes', ...args]);
    expect(next.code, next.stderr).toBe(0);
    expect((await cli(here.host, 'plan', [...args])).code).toBe(0);
  });

  test('packages that a power cut has left unpacked and empty are unpacked again', async () => {
    const args = await config('first', { name: 'foobar.com', domain: 'renamed.example', packages: ['tree'] });
    expect((await cli(here.host, 'apply', ['--yes', ...args])).code).toBe(0);
    // As if the power had been cut before the package was synced. Whoever then called dpkg by hand has configured it.
    const cut = `set -e
      apt-get install --reinstall --download-only -y -q tree
      dpkg --unpack /var/cache/apt/archives/tree_*.deb
      truncate -s 0 /usr/bin/tree /var/cache/apt/archives/tree_*.deb
      echo tree >${unsyncedPackages}`;
    for (const next of ['', 'dpkg --configure -a']) {
      const { code, stderr } = await exec(here.host, `${cut}\n${next}`);
      expect(code, stderr).toBe(0);
      const plan = await cli(here.host, 'plan', [...args]);
      expect(changesOf(plan)).toEqual([expect.stringMatching(/^package:tree create drift install/)]);
      const run = await cli(here.host, 'apply', ['--yes', ...args]);
      expect(run.code, run.stderr).toBe(0);
      expect((await exec(here.host, `dpkg --verify tree; ls ${unsyncedPackages}; tree --version`)).stdout).toMatch(/^tree v/);
      expect((await cli(here.host, 'plan', [...args])).code).toBe(0);
    }
  });

  test('destroy leaves the host as it was before', async () => {
    const args = await config('first', { name: 'foobar.com', domain: 'renamed.example' });
    const refused = await cli(here.host, 'destroy', ['--yes', ...args]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('hold data')]);
    const gone = await cli(here.host, 'destroy', ['--yes', '--allow-destroy', ...args]);
    expect(gone.code, gone.stderr).toBe(0);
    const after = await fingerprint(here.host);
    // What a package of its own owner's brought and we took away stays away: the default site and the default pool.
    const known =
      /sites-enabled\/default|pool\.d\/www\.conf|package tzdata|etc\/nginx\/sites-enabled$|pool\.d$|unit (nginx|mariadb|php8\.4-fpm)/;
    expect(differences(before, after).filter((line) => !known.test(line))).toEqual([]);
    expect((await exec(here.host, 'ls -d /var/lib/foobar-provision /etc/foobar-provision /srv/www 2>/dev/null')).stdout).toBe('');
  });
});
