import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Handler } from '../../src/engine/handler.ts';
import type { Resource } from '../../src/engine/resource.ts';
import { directory, file, live, release, Secret, secret, secretPlace, sh, symlink } from '../../src/index.ts';
import { readTree, type Tree } from '../lab/disk.ts';
import { type Stage, stage } from './rehearsal.ts';
import { leaving, type Room, smallDisk } from './small-disk.ts';

/** A resource of every kind that a run writes. */
export function everything(at: (path: string) => string, version: string): readonly Resource[] {
  const notify: Handler = { verb: 'reload', unit: 'web', summary: 'web', command: sh`:` };
  const home = at('/srv/site');
  return [
    secret('key', { value: new Secret('secret') }),
    secret('made'),
    file(at('/etc/theirs'), { content: version, mode: '0640', notify }),
    file(at('/etc/new/with'), { content: `${version} ${secretPlace('key')}`, secrets: ['key'], notify }),
    file.absent(at('/etc/unwanted')),
    symlink(at('/etc/link'), { to: version }),
    directory(`${home}/shared`),
    release(`${home}/releases/${version}`, {
      digest: version,
      site: 'site',
      live: `${home}/current`,
      shared: `${home}/shared`,
      links: ['uploads', '.env'],
      writable: [],
      user: 'root',
    }),
    live(`${home}/current`, { release: version, keep: 2, docroot: '.' }),
  ];
}

/** Creates an uploaded application on the host. */
export function arrive(host: Stage, version: string): void {
  const arrival = `/var/lib/foobar-provision/incoming/${version}`;
  host.write(`${arrival}/files/index.php`, version);
  host.write(`${arrival}/list`, `index.php\0f\0${'0'.repeat(64)}\n`);
  host.write(`${arrival}/release.json`, '{}\n');
}

/** A host on which a first version is live. */
export function settled(): { readonly host: Stage; readonly at: (path: string) => string } {
  const host = stage();
  const at = (path: string) => `${host.root}${path}`;
  host.write('/etc/theirs', 'theirs\n', 0o600);
  host.write('/etc/unwanted', 'unwanted\n');
  arrive(host, 'one');
  expect(host.run(host.plan(...everything(at, 'one')), { id: 'run-1' }).journal.at(-1)).toBe('end ok');
  return { host, at };
}

/**
 * Runs an update with this much space left on the disk of one folder, and returns whether it succeeded. A run without enough space must
 * leave the host unchanged and name the full disk; another must be complete.
 */
export function updateWith(room: Room, left: number, folder: string): boolean {
  const { host, at } = settled();
  const moved = mkdtempSync(join(tmpdir(), 'small-'));
  spawnSync('sh', ['-c', `cp -a ${at(folder)}/. ${moved}`]);
  const disk = smallDisk(at(folder));
  try {
    spawnSync('sh', ['-c', `cp -a ${moved}/. ${at(folder)}; chmod 0700 ${at('/var/lib/foobar-provision')}`]);
    arrive(host, 'two');
    const looked = [at('/etc'), at('/srv/site')];
    const before = readTree('/', looked);
    const wanted = everything(at, 'two');
    const { code, journal, stderr } = host.run(host.plan(...wanted), { id: 'run-2' }, leaving(room, left, at(folder)));
    rmSync(at(`${folder}/ballast`), { recursive: true });
    const where = `${left} ${room} left in ${folder}: ${stderr}\n${journal.join('\n')}`;
    if (code === 0) {
      expect([host.text('/srv/site/docroot/index.php'), host.text('/etc/theirs')], where).toEqual(['two', 'two\n']);
    } else {
      if (journal.join('') === '') {
        // It had no space to report it anywhere else.
        expect([code, stderr], where).toEqual([1, expect.stringContaining('No space left on device')]);
      } else {
        expect([code, journal.at(-1)], where).toEqual([5, 'end rolled-back']);
        expect(journal.join('\n'), where).toMatch(/^err .*(No space left on device|I\/O error)/m);
        expect(journal.join('\n'), where).toMatch(new RegExp(`^err The disk that holds ${at(folder)} (is full|has no inodes left)`, 'm'));
      }
      expect(things(readTree('/', looked)), where).toEqual(things(before));
      arrive(host, 'two');
      expect(host.run(host.plan(...wanted), { id: 'run-3' }).journal.at(-1), where).toBe('end ok');
    }
    expect(host.plan(...wanted), where).toMatchObject({ changes: [], handlers: [] });
    expect(
      host.tree('').filter((path) => /\.foobar-provision-|\.new$|\.filling$|\/ballast$/.test(path)),
      where,
    ).toEqual([]);
    return code === 0;
  } finally {
    disk.free();
    host.end();
    rmSync(moved, { recursive: true });
  }
}

/** Except for what a release leaves that failed its health check. */
function things(tree: Tree): readonly string[] {
  return [...tree]
    .flatMap(([path, { kind, data, mode }]) =>
      path.includes('.failed') || /ballast$/.test(path) ? [] : [`${path} ${kind} ${mode} ${data.toString()}`],
    )
    .sort();
}
