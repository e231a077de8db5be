import { spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { ask } from '../lab/ask.ts';
import { cli, type Ended, folder, named } from '../lab/cli.ts';
import { exec, lab, readHostFile } from '../lab/host.ts';
import { busySite, traffic } from '../lab/traffic.ts';

async function write(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  await rm(join(root, 'app'), { recursive: true, force: true });
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, 'app', path)), { recursive: true });
    await writeFile(join(root, 'app', path), content);
  }
}

const configure = (root: string, config: object) => writeFile(join(root, 'foobar.config.json'), JSON.stringify(config));

describe('a Python application', () => {
  const here = lab('trixie');
  const home = folder();
  let visitors: ReturnType<typeof traffic> | undefined;
  const run = (command: string, ...args: string[]): Promise<Ended> => cli(here.host, command, args, { cwd: home });
  const program = (version: string, more = '') => ({
    'app.py': `import os, time
${more}
def app(environ, start_response):
    if environ['PATH_INFO'] == '/slow.php':
        time.sleep(5)
    environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0))
    text = f"release ${version} ${version} {open('version.txt').read().strip()} {os.environ.get('GREETING')} end"
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(text)))])
    return [text.encode()]
`,
    'version.txt': version,
    'static/style.css': 'body { color: black }',
  });

  beforeAll(async () => {
    await write(home, program('a'));
    await configure(home, {
      app: { source: 'app', runtime: 'python', docroot: 'static', env: { GREETING: 'hello' }, keep: 3 },
      database: { engine: 'none' },
    });
    const made = await run('apply', '--yes');
    expect(made.code, made.stderr).toBe(0);
    visitors = traffic(here.host.address, 'www.foobar.com', { clients: 8, slow: 2 });
  });
  afterAll(async () => {
    await visitors?.stop();
  });

  test('is served, its files by nginx, and the plan is empty', async () => {
    expect((await ask(here.host.address, 'www.foobar.com'))?.body).toBe('release a a a hello end');
    expect((await ask(here.host.address, 'www.foobar.com', '/style.css'))?.body).toContain('color: black');
    expect((await ask(here.host.address, 'www.foobar.com', '/app.py'))?.body).toContain('release a');
    expect((await run('plan')).code).toBe(0);
  });

  test('switches to another release and back without an error for visitors', async () => {
    for (const version of ['b', 'c', 'd']) {
      await write(home, program(version));
      const deployed = await run('deploy');
      expect(deployed.code, deployed.stderr).toBe(0);
      expect((await ask(here.host.address, 'www.foobar.com'))?.body).toContain(`release ${version} `);
    }
    const back = await run('rollback');
    expect(back.code, back.stderr).toBe(0);
    expect((await ask(here.host.address, 'www.foobar.com'))?.body).toContain('release c ');
    expect(visitors?.seen.failed).toEqual([]);
  });

  test('one that cannot be imported is never served', async () => {
    await write(home, program('broken', 'import nothing_of_this_name'));
    expect((await run('deploy')).code).toBe(5);
    expect((await ask(here.host.address, 'www.foobar.com'))?.body).toContain('release c ');
    expect(visitors?.seen.failed).toEqual([]);
    expect(visitors?.seen.whole).toBeGreaterThan(500);
  });

  test('becomes a static site, PHP, Node.js and a command, and is rolled back to each', async () => {
    await visitors?.stop();
    const served = async () => (await ask(here.host.address, 'www.foobar.com'))?.body;
    const listening = (variable: string) =>
      `require('node:http').createServer((_, answer) => answer.end('${variable} ' + process.env.GREETING)).listen(process.env.${variable});`;
    const kinds = [
      ['static', { 'static/index.html': 'files alone' }, 'files alone'],
      ['php', { 'static/index.php': "<?php echo 'PHP ', getenv('GREETING');" }, 'PHP hello'],
      ['node', { 'server.js': listening('PORT'), 'static/style.css': '' }, 'PORT hello'],
      ['command', { 'server.js': listening('SOCKET'), 'static/style.css': '' }, 'SOCKET hello'],
      ['python', program('e'), 'release e e e hello end'],
    ] as const;
    const ids: string[] = [];
    for (const [runtime, files, expected] of kinds) {
      await write(home, files);
      await configure(home, {
        app: { source: 'app', runtime, docroot: 'static', keep: 6, ...(runtime !== 'static' && { env: { GREETING: 'hello' } }) },
        ...(runtime === 'php' && { php: { extensions: [] } }),
        // Node.js is still there, because the release before needs it.
        ...(runtime === 'command' && { command: { run: 'node server.js' } }),
        database: { engine: 'none' },
      });
      const deployed = await run('deploy');
      expect(deployed.code, deployed.stderr).toBe(0);
      expect(await served()).toBe(expected);
      expect((await run('plan')).code).toBe(0);
      ids.push(String(named(await run('releases'), 'release').find(({ live }) => live)?.id));
    }
    for (const [index, [, , expected]] of kinds.slice(0, -1).entries()) {
      const back = await run('rollback', '--to', ids[index] ?? '');
      expect(back.code, back.stderr + back.stdout.slice(-2000)).toBe(0);
      expect(await served()).toBe(expected);
    }
    const planned = named(await run('plan'), 'change').map(({ resource }) => String(resource).split(':')[0]);
    expect([planned.includes('live'), planned.includes('package')]).toEqual([true, false]);
    const again = await run('apply', '--yes');
    expect(again.code, again.stderr).toBe(0);
    expect(await served()).toBe('release e e e hello end');
  });
});

describe('a PHP application', () => {
  const here = lab('trixie');
  const home = folder();
  let visitors: ReturnType<typeof traffic> | undefined;
  const run = (command: string, ...args: string[]): Promise<Ended> => cli(here.host, command, args, { cwd: home });
  const beside = {
    workers: {
      queue: {
        command: 'while :; do echo "$GREETING $(cat version.txt)" >>/srv/www/foobar.com/shared/worker.log; sleep 1; done',
        count: 1,
      },
    },
    cron: { tick: { command: 'echo "tick $(cat version.txt)" >>/srv/www/foobar.com/shared/cron.log', schedule: '*:*:0/2' } },
  };
  const base = { source: 'app', docroot: 'public', env: { TURN: '1', GREETING: 'hello' }, keep: 3 };

  const left = async () =>
    (
      await exec(
        here.host,
        'echo "$(dpkg -l | grep -c "^ii  php8.2") packages of PHP 8.2, $(ls /etc/apt/sources.list.d | grep -c "^php-") repository"',
      )
    ).stdout.trim();

  beforeAll(async () => {
    const repository = await olderPhp(here.host, home);
    await write(home, busySite('old'));
    await configure(home, {
      app: {
        ...base,
        hooks: { before: ['echo "before $GREETING $(pwd -P)"'], after: ['echo after >>/srv/www/foobar.com/shared/hooks.log'] },
      },
      php: { version: '8.2', extensions: [], repository },
      ...beside,
    });
    const made = await run('apply', '--yes');
    expect(made.code, made.stderr + made.stdout.slice(-3000)).toBe(0);
    visitors = traffic(here.host.address, 'www.foobar.com', { clients: 12 });
  });
  afterAll(async () => {
    const seen = await visitors?.stop();
    process.stdout.write(`${seen?.whole} whole answers through a PHP upgrade, ${seen?.failed.length} failed\n`);
  });

  test('has its workers and scheduled commands, in the live release', async () => {
    await sleep(4000);
    const { stdout } = await exec(here.host, 'cd /srv/www/foobar.com/shared; sort -u worker.log; sort -u cron.log; cat hooks.log');
    expect(stdout).toBe('hello old\ntick old\nafter\n');
    expect((await run('plan')).code).toBe(0);
  });

  test('moves to another PHP without an error for visitors', async () => {
    expect((await ask(here.host.address, 'www.foobar.com'))?.body).toContain('php 8.2 ');
    await write(home, busySite('new'));
    await configure(home, { app: base, php: { extensions: [] }, ...beside });
    const moved = await run('apply', '--yes');
    expect(moved.code, moved.stderr + moved.stdout.slice(-3000)).toBe(0);
    expect((await ask(here.host.address, 'www.foobar.com'))?.body).toMatch(/^release new new new php 8\.4 /);
    expect((await run('plan')).code).toBe(0);
    await sleep(3000);
    expect(await left()).toBe('6 packages of PHP 8.2, 1 repository');
    expect((await exec(here.host, 'tail -n 1 /srv/www/foobar.com/shared/worker.log')).stdout).toBe('hello new\n');
    expect(visitors?.seen.failed).toEqual([]);
    expect(visitors?.seen.versions).toEqual(new Set(['old', 'new']));
  });

  test('is rolled back across that change and deployed again, and the plan shows what the configuration would change', async () => {
    const back = await run('rollback');
    expect(back.code, back.stderr + back.stdout.slice(-3000)).toBe(0);
    expect((await ask(here.host.address, 'www.foobar.com'))?.body).toMatch(/^release old old old php 8\.2 /);
    const planned = await run('plan');
    expect(planned.code).toBe(2);
    expect(named(planned, 'change').map(({ resource, summary }) => `${resource} ${summary}`.replaceAll(/[0-9a-f]{8,12}/g, 'ID'))).toEqual([
      expect.stringMatching(/^service:php-foobar\.com-ID@ID\.service enable/),
      'live:/srv/www/foobar.com/current ID -> ID',
      'service:php-foobar.com-ID@ID.service stop when its last requests have ended',
      'handler:restart:foobar.com-queue@1.service restart foobar.com-queue@1.service',
    ]);
    const forward = await run('deploy');
    expect(forward.code, forward.stderr).toBe(0);
    expect((await ask(here.host.address, 'www.foobar.com'))?.body).toMatch(/^release new new new php 8\.4 /);
    expect((await run('plan')).code).toBe(0);
    expect(await left()).toBe('6 packages of PHP 8.2, 1 repository');
    expect(visitors?.seen.failed).toEqual([]);
  });

  test('loses the old PHP with the last release that needs it, in a run whose plan says so', async () => {
    await write(home, busySite('newer'));
    expect((await run('deploy')).code).toBe(0);
    expect(await left()).toBe('6 packages of PHP 8.2, 1 repository');
    await write(home, busySite('newest'));
    const removed = (ended: Ended) =>
      named(ended, 'change').flatMap(({ resource, action }) => (action === 'remove' ? [String(resource)] : []));
    expect(removed(await run('plan'))).toEqual(expect.arrayContaining(['package:php8.2-fpm', 'package:php8.2-mysql']));
    const last = await run('deploy');
    expect(last.code, last.stderr).toBe(0);
    expect(removed(last)).toEqual(expect.arrayContaining(['package:php8.2-fpm', 'package:php8.2-mysql']));
    expect(await left()).toBe('0 packages of PHP 8.2, 0 repository');
    expect((await exec(here.host, 'systemctl --failed --no-legend')).stdout).toBe('');
    expect((await run('plan')).code).toBe(0);
    expect(visitors?.seen.failed).toEqual([]);
  });

  test('has no workers once the configuration has none', async () => {
    await configure(home, { app: base, php: { extensions: [] } });
    const run2 = await run('apply', '--yes');
    expect(run2.code, run2.stderr).toBe(0);
    expect(
      (
        await exec(
          here.host,
          'systemctl list-units --all --plain --no-legend "foobar.com-*"; ls /etc/systemd/system | grep ^foobar.com- | grep -v wants',
        )
      ).stdout,
    ).toBe('');
    expect((await run('plan')).code).toBe(0);
    expect(visitors?.seen.failed).toEqual([]);
  });
});

/**
 * Makes an apt repository on the host of the PHP of the distribution before it. The two distributions' own packages exclude each other by
 * one field of php-common's, as those of repositories that are made for this do not; it is taken out.
 */
async function olderPhp(host: Sandbox, home: string): Promise<{ uris: string; suites: string; key: string }> {
  const made = await exec(
    host,
    `set -e
mkdir -p /opt/php/dists/older/main/binary-amd64 /opt/php/pool /opt/php/lists/partial
cd /opt/php/pool
uri=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -oE 'https?://[^] ]+' | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri bookworm main" >/opt/php/older.list
older="-o Dir::Etc::sourcelist=/opt/php/older.list -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists=/opt/php/lists -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root"
apt-get -qq update
apt-get -qq $older update
apt-get -qq $older download php8.2-fpm php8.2-cli php8.2-common php8.2-opcache php8.2-mysql php8.2-readline
apt-get -qq -o APT::Sandbox::User=root download php-common
dpkg-deb -R php-common_*.deb /opt/php/common && rm php-common_*.deb
sed -i '/^Breaks:/d; s/^Version: .*/Version: 2:97/' /opt/php/common/DEBIAN/control
dpkg-deb -b /opt/php/common php-common.deb >/dev/null
cd /opt/php
for deb in pool/*.deb; do dpkg-deb -f "$deb"; printf 'Filename: %s
Size: %s
SHA256: %s

' "$deb" "$(stat -c %s "$deb")" "$(sha256sum <"$deb" | cut -d ' ' -f 1)"; done >dists/older/main/binary-amd64/Packages
cd dists/older
{ printf 'Suite: older
Codename: older
Components: main
Architectures: amd64
Date: %s
SHA256:
' "$(date -Ru)"; printf ' %s %s main/binary-amd64/Packages
' "$(sha256sum <main/binary-amd64/Packages | cut -d ' ' -f 1)" "$(stat -c %s main/binary-amd64/Packages)"; } >Release
`,
  );
  expect(made.code, made.stderr).toBe(0);
  const keys = { ...process.env, GNUPGHOME: join(home, 'keys') };
  await mkdir(keys.GNUPGHOME, { mode: 0o700 });
  const gpg = (input: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('gpg', ['--batch', '--pinentry-mode', 'loopback', '--passphrase', '', ...args], {
      input,
      env: keys,
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    return stdout;
  };
  gpg('', '--quick-generate-key', 'older@example.net', 'ed25519', 'sign');
  // Binary, as such repositories publish it.
  gpg('', '--output', join(home, 'apt.gpg'), '--export');
  const signed = gpg(await readHostFile(host, '/opt/php/dists/older/Release'), '--clearsign');
  await exec(host, `cat >/opt/php/dists/older/InRelease <<'SIGNED'\n${signed}SIGNED\n`);
  spawnSync('gpgconf', ['--kill', 'all'], { env: keys });
  return { uris: 'file:/opt/php', suites: 'older', key: 'apt.gpg' };
}
