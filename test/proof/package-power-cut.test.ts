import { existsSync, lstatSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { unsyncedPackages } from '../../src/engine/run-libraries.ts';
import { down, type Sandbox, unsupported, up } from '../../src/sandbox/index.ts';
import { cli, named } from '../lab/cli.ts';
import { disturb, once } from '../lab/disturb.ts';
import { differences, fingerprint } from '../lab/fingerprint.ts';
import { exec, lab } from '../lab/host.ts';
import { lastRuns } from '../lab/kills.ts';

/** Empties a regular file. Returns 1 if it was not empty. */
function empty(path: string): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size === 0) return 0;
  truncateSync(path);
  return 1;
}

/**
 * Takes from a host everything that a power cut may take while packages are unpacked: the content of every file that they have brought so
 * far, dpkg's own of them included, and of every archive that was fetched. Returns the number of emptied files.
 */
function loseUnsynced(root: string): number {
  const record = join(root, unsyncedPackages);
  if (!existsSync(record)) return 0;
  const unsynced = new Set(readFileSync(record, 'utf8').split('\n').filter(Boolean));
  const info = join(root, 'var/lib/dpkg/info');
  const known = readdirSync(info).filter((name) => unsynced.has(name.replace(/(:[a-z0-9]+)?\.[a-z0-9]+$/, '')));
  const files = known
    .filter((name) => name.endsWith('.list'))
    .flatMap((name) => readFileSync(join(info, name), 'utf8').split('\n').filter(Boolean))
    .flatMap((path) => [join(root, path), join(root, `${path}.dpkg-new`)]);
  const archives = join(root, 'var/cache/apt/archives');
  const fetched = readdirSync(archives).map((name) => join(archives, name));
  // The lists of their files are synced with dpkg's own records.
  const scripts = known.filter((name) => !name.endsWith('.list')).map((name) => join(info, name));
  return [...files, ...fetched, ...scripts].reduce((sum, path) => sum + empty(path), 0);
}

describe.skipIf(unsupported() !== undefined)('a power cut while packages are unpacked, which takes everything that was not synced', () => {
  const reference = lab('trixie');
  let args: readonly string[];
  let wanted: readonly string[];

  beforeAll(async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'foobar-packages-')), 'foobar.config.json');
    await writeFile(file, JSON.stringify({ host: false, domain: 'foobar.com' }));
    args = ['--config', file];
    const run = await once(reference.host, args);
    expect(run.code, run.stderr).toBe(0);
    wanted = await fingerprint(reference.host);
  }, 400_000);

  test.each(['galera-4', 'mariadb-server', 'php8.4-fpm'])(
    'at %s: the next run makes the host whole',
    { timeout: 600_000 },
    async (name) => {
      let lost = 0;
      let host: Sandbox = await up({ suite: 'trixie' });
      try {
        const struck = await disturb(host, args, 'power', { unpacking: name }, 'apply', (root) => {
          lost = loseUnsynced(root);
        });
        host = struck.host;
        expect(lost, struck.reached).toBeGreaterThan(10);
        const ended = await once(host, args);
        expect(ended.code, `${struck.reached}\n${ended.stderr}\n${await lastRuns(host)}`).toBe(0);
        expect(differences(wanted, await fingerprint(host)), struck.reached).toEqual([]);
        // dpkg compares every file that packages have brought with its checksum.
        const altered = async (each: Sandbox) =>
          (await exec(each, 'dpkg --verify | grep -v "^[^ ]* c "; find /usr -xdev -type f -size 0 | sort')).stdout;
        expect(await altered(host)).toBe(await altered(reference.host));
        const plan = await cli(host, 'plan', args);
        expect([plan.code, named(plan, 'change')]).toEqual([0, []]);
      } finally {
        await down(host.name);
      }
    },
  );
});
