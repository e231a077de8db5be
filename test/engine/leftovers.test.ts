import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bundled } from '../../src/bundled/files.ts';
import { file } from '../../src/resources/file.ts';
import { type Stage, stage } from './rehearsal.ts';

let host: Stage;
beforeEach(() => {
  host = stage();
});
afterEach(() => host.end());

const state = '/var/lib/foobar-provision';
const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
/** The part of the boot id that is in the names of files that are being written. */
const thisBoot = boot.slice(0, 8);
const hours = (count: number) => Date.now() / 1000 - count * 3600;

/** Creates something of this age at a path. A path that ends in `/` is a folder with content. */
function put(path: string, age = 24): void {
  const made = path.endsWith('/') ? `${path}what` : path;
  host.write(made, 'x'.repeat(5000));
  for (const each of [made, path.replace(/\/$/, '')]) utimesSync(`${host.root}${each}`, hours(age), hours(age));
}

/** A run that began and has no end, with the temporary paths that it has noted. */
function interrupted(id: string, ...passing: readonly string[]): void {
  host.write(`${state}/runs/${id}/journal`, `start\t${id}\n`);
  host.write(`${state}/runs/${id}/beside`, passing.map((path) => `${host.root}${path.replace(/\/$/, '')}\n`).join(''));
}

const counted = () => host.read(`STATE=${state} RULES=${state}/rules\n${bundled('run/leftovers.sh')}\ncount_leftovers`).trim();
const there = (paths: readonly string[]) => paths.filter((path) => existsSync(`${host.root}${path.replace(/\/$/, '')}`));
const run = (id: string) => host.run(host.plan(file(`${host.root}/etc/one`, { content: id })), { id });

describe('leftovers', () => {
  test.each<readonly [string, string, (path: string) => void]>([
    ['staged files', '/etc/.foobar-provision-run-0/', (path) => interrupted('run-0', path)],
    ['a release that was being filled', '/srv/a.test/releases/.0a.filling/', (path) => interrupted('run-0', path)],
    ['one that no run has noted', '/srv/a.test/releases/.0b.filling/', () => {}],
    ['a link that was to be renamed', '/srv/a.test/current.new', () => {}],
    ["an owner's file half kept", `${state}/aside/etc/motd.run-0`, (path) => interrupted('run-0', path)],
    ['secrets that were sent with a run', `${state}/runs/run-0/secrets/`, () => interrupted('run-0')],
    ['a secret that was kept', `${state}/runs/run-0/kept/secret-token`, () => interrupted('run-0')],
    ['copies for a checker', `${state}/runs/run-0/shadow/`, () => interrupted('run-0')],
    ['the mark of a run that has not pruned its releases', `${state}/runs/run-0/unpruned`, () => interrupted('run-0')],
    ['a run that never began', `${state}/runs/run-0/`, () => {}],
    ['uploaded files that no run has used', `${state}/incoming/0c/`, () => {}],
    ['an upload from before the last boot', `${state}/incoming/0d.run-0.11111111-2222-3333-4444-555555555555.part/`, () => {}],
    ['an upload that nobody continues', `${state}/incoming/0d.run-0.${boot}.part/`, () => {}],
    ['the record of a release that no longer exists', `${state}/releases/a.test/0e/`, () => {}],
    ['a record half written', `${state}/releases/a.test/.history.${thisBoot}.4194305.new`, () => {}],
    [
      'what is known of files half written',
      `${state}/releases/a.test/0f/stat.new`,
      () => host.write('/srv/a.test/releases/0f/index.php', ''),
    ],
    ['a manifest half written', `${state}/manifests/.foobar.com.pending.json.new`, () => {}],
    ['a secret half written', `/etc/foobar-provision/secrets/.token.${thisBoot}.4194305.new`, () => {}],
    [
      'one from before the last boot, even if another process has its id',
      `/etc/foobar-provision/secrets/.token.11111111.${process.pid}.new`,
      () => {},
    ],
    ['a variable half written', `/etc/foobar-provision/instances/a.test/.stored/values/.TOKEN.${thisBoot}.4194305.new`, () => {}],
    ['a rule half written', `/etc/nginx/conf.d/.foobar-maintenance-a.test.conf.${thisBoot}.4194305.new`, () => {}],
    ['the private folder of a reader', '/run/foobar-provision-read.4194305.AbCdEf/', () => {}],
  ])('%s: counted, and removed by the next run', (_, path, make) => {
    host.write(`${state}/releases/a.test/keep`, `5 ${host.root}/srv/a.test\n`);
    mkdirSync(`${host.root}/srv/a.test/releases`, { recursive: true });
    expect(counted()).toBe('');
    put(path);
    make(path);
    expect(counted()).toMatch(/^1 \d+$/);
    const { code, journal } = run('run-1');
    expect([code, journal[0], there([path])]).toEqual([0, 'progress removing what interrupted runs left', []]);
    expect(counted()).toBe('');
  });

  test('do not include what is in use: a run that is being handed over, an upload, a reader, uploads for this run, and recent ones', async () => {
    const kept = [
      `${state}/runs/run-9/secrets/`,
      `${state}/incoming/1a/`,
      `${state}/incoming/1b.run-9.${boot}.part/`,
      `${state}/incoming/1c.run-9.${boot}.part/`,
      `/run/foobar-provision-read.${process.pid}.AbCdEf/`,
      `${state}/certificates/.a.test.${thisBoot}.${process.pid}.new`,
      `${state}/releases/a.test/1d/`,
      `${state}/releases/a.test/1e/`,
      '/srv/a.test/releases/1e.failed/',
      `${state}/runs/run-8/kept/3`,
    ];
    for (const path of kept) put(path, /run-9\/|\/1b|\/1a/.test(path) ? 0 : 24);
    host.write(`${state}/releases/a.test/keep`, `5 ${host.root}/srv/a.test\n`);
    host.write('/srv/a.test/releases/1d/index.php', '');
    host.write(`${state}/runs/run-8/journal`, 'start\trun-8\nend\tok\n');
    const holder = spawn('flock', [`${host.root}${state}/incoming/1c.run-9.${boot}.part`, 'sh', '-c', 'echo held; sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    try {
      await once(holder.stdout, 'data');
      expect(counted()).toBe('');
      expect(run('run-1').code).toBe(0);
      // A run removes even recent uploads of other runs, because their plans are stale by then.
      expect(there(kept)).toEqual(kept.filter((path) => !path.includes('/1a/')));
    } finally {
      if (holder.pid) process.kill(-holder.pid);
    }
  });

  test('with secrets are removed, whichever run has kept them', () => {
    host.write('/etc/foobar-provision/secrets/token', 'a-secret-value\n', 0o600);
    interrupted('run-0');
    host.write(`${state}/runs/run-0/kept/1`, 'password = a-secret-value');
    host.write(`${state}/runs/run-0/kept/2`, 'listen 80;');
    host.write(`${state}/runs/run-0/kept/secret-older`, 'before\n');
    host.write(`${state}/runs/run-0/kept/3`, 'password = before');
    expect(run('run-1').code).toBe(0);
    expect(readdirSync(`${host.root}${state}/runs/run-0/kept`)).toEqual(['2']);
  });

  test('do not remain from a run that is refused: its secrets are removed if another run holds the lock, or if the host has changed', () => {
    mkdirSync(`${host.root}${state}/runs/run-1/secrets`, { recursive: true });
    host.write(`${state}/runs/run-1/secrets/token`, 'value');
    const ended = host.run(host.plan(file(`${host.root}/etc/one`, { content: '1' })), { id: 'run-1', base: 'of another day' });
    expect([ended.code, ended.journal.at(-1), there([`${state}/runs/run-1/secrets`])]).toEqual([1, 'end stale', []]);
    host.write(`${state}/runs/run-2/secrets/token`, 'value');
    const lock = `${host.root}/run/foobar-provision-locks/run`;
    const busy = host.run(host.plan(file(`${host.root}/etc/one`, { content: '1' })), { id: 'run-2' }, ['flock', lock]);
    expect([busy.code, there([`${state}/runs/run-2/secrets`])]).toEqual([3, []]);
  });

  test('of a link that was interrupted between two renames do no harm', () => {
    host.write(`${state}/releases/a.test/keep`, `5 ${host.root}/srv/a.test\n`);
    host.write('/srv/a.test/releases/aa/index.php', 'stays');
    symlinkSync('releases/aa', `${host.root}/srv/a.test/current.new`);
    expect(run('run-1').code).toBe(0);
    expect([there(['/srv/a.test/current.new']), host.text('/srv/a.test/releases/aa/index.php')]).toEqual([[], 'stays']);
  });
});
