import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { down, type Sandbox, up } from '../../src/sandbox/index.ts';
import { cli } from './cli.ts';
import { blows, disturb, type Instant, once } from './disturb.ts';
import { differences, fingerprint } from './fingerprint.ts';
import { watchPages } from './watch-pages.ts';

/** Packages that a first run installs, on a host of which everything else is bare. */
export const stack = ['nginx', 'mariadb-server', 'php8.4-fpm', 'php8.4-mysql'];

/** A random instant of the half minute and more that a first run on a bare host takes. */
const anyInstant = (): Instant => ({ ms: Math.random() * 30_000 });

/**
 * Kills this many first runs, on hosts that are bare or have the packages already; after one more run each must be like a host that nobody
 * disturbed. The ways take turns, and `shift` says with which one. Returns how many blows fell on a run that was under way.
 */
export async function killFirstRuns(
  count: number,
  instantOf: (n: number) => Instant = anyInstant,
  include: readonly string[] = [],
  shift = 0,
): Promise<number> {
  return withRevisions(async (revision) => {
    const args = ['--config', await revision(0)];
    const hosts: Sandbox[] = [];
    let struck = 0;
    const bare = async () => {
      const host = await up({ suite: 'trixie', include });
      hosts.push(host);
      return host;
    };
    try {
      const undisturbed = bare().then(async (host) => {
        expect((await once(host, args)).code).toBe(0);
        return fingerprint(host);
      });
      undisturbed.catch(() => {});
      for (let n = 0; n < count; n += 1) {
        const blow = blows[3 - ((n + shift) % blows.length)] ?? 'power';
        const { host, reached } = await disturb(await bare(), args, blow, instantOf(n));
        const ended = await once(host, args);
        if (!reached.startsWith('end')) struck += 1;
        const told = tell(`kill of a first run ${n + 1} of ${count}`, blow, reached);
        expect(ended.code, `${told}\n${ended.stderr}\n${await account(host)}`).toBe(0);
        expect(differences(await undisturbed, await fingerprint(host)), told).toEqual([]);
        await down(host.name);
        // Two hosts come up at once, in either order.
        hosts.splice(
          hosts.findIndex(({ name }) => name === host.name),
          1,
        );
      }
    } finally {
      await Promise.all(hosts.map(({ name }) => down(name)));
    }
    return struck;
  });
}

/**
 * Kills this many runs on a host that serves, each of which brings something new: at each step in each way, and at random instants. After
 * one more run it must be like a host that took the same runs undisturbed, and every page that a visitor got meanwhile was whole.
 */
export async function killUpdates(count: number, instantOf: (n: number) => Instant = eachStep): Promise<void> {
  return withRevisions(async (revision) => {
    const [reference, made] = await Promise.all([up({ suite: 'trixie', include: stack }), up({ suite: 'trixie', include: stack })]);
    const pages = { whole: 0, unavailable: 0, broken: [] as string[] };
    let host = made;
    try {
      for (let n = 0; n < count; n += 1) {
        const args = ['--config', await revision(n)];
        const blow = blows[n % blows.length] ?? 'power';
        const instant = instantOf(n);
        const undisturbed = once(reference, args);
        const watching =
          n === 0
            ? undefined
            : watchPages(
                () => made.address,
                (body) => body.trimEnd().endsWith('</html>'),
              );
        const struck = await disturb(host, args, blow, instant);
        host = struck.host;
        const ended = await once(host, args);
        const seen = await watching?.end();
        const told = tell(`kill ${n + 1} of ${count}`, blow, struck.reached);
        expect(ended.code, `${told}\n${ended.stderr}\n${await account(host)}`).toBe(0);
        expect((await undisturbed).code).toBe(0);
        const [like, found] = await Promise.all([fingerprint(reference), fingerprint(host)]);
        const unlike = differences(like, found);
        expect(unlike, unlike.length === 0 ? told : `${told}\n${await account(host)}`).toEqual([]);
        if (!seen) continue;
        pages.whole += seen.whole;
        pages.unavailable += seen.unavailable;
        pages.broken.push(...seen.broken);
        // Nothing but a power cut may be noticed by a visitor.
        if (blow !== 'power') expect(seen.unavailable, told).toBe(0);
      }
      const again = await cli(host, 'plan', ['--config', await revision(count - 1)]);
      expect(again.code, again.stdout).toBe(0);
      expect(pages.broken).toEqual([]);
    } finally {
      await Promise.all([down(reference.name), down(host.name)]);
      process.stderr.write(
        `${pages.whole} whole pages, ${pages.broken.length} broken, ${pages.unavailable} not to be had while the host was off or booting\n`,
      );
    }
  });
}

/**
 * The first run has some 47 steps, those after it 12. Each way of being killed takes its turn at one, and every third turn at random
 * instants.
 */
function eachStep(n: number): Instant {
  if (n === 0) return { step: 1 + Math.floor(Math.random() * 40) };
  const turn = Math.floor(n / blows.length);
  if (turn % 3 === 2) return { ms: Math.random() * 2_000 };
  return { step: 1 + ((turn - Math.floor((turn + 1) / 3)) % 12) };
}

function tell(which: string, blow: string, reached: string): string {
  const told = `${which}: ${blow} at ${reached.replaceAll('\t', ' ')}`;
  process.stderr.write(`${told}\n`);
  return told;
}

/** What the host wrote down of its last two runs: the one that was killed, and the one after it. */
async function account(host: Sandbox): Promise<string> {
  const runs = join(host.root, 'var/lib/foobar-provision/runs');
  const last = (await readdir(runs)).toSorted().slice(-2);
  const texts = last.flatMap((run) => ['journal', 'log'].map((file) => readFile(join(runs, run, file), 'utf8').catch(() => 'not there')));
  return (await Promise.all(texts)).join('\n\n');
}

/** Gives the n-th state of the site as a configuration: another setting, another page, another alias, one more migration. */
async function withRevisions<T>(act: (revision: (n: number) => Promise<string>) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'foobar-kill-'));
  try {
    return await act((n) => write(folder, n));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(folder: string, n: number): Promise<string> {
  const app = join(folder, `app-${n}`);
  await cp(join(import.meta.dirname, '../../files/site'), app, { recursive: true });
  await writeFile(join(app, 'public', 'revision.txt'), `revision ${n}\n`);
  await mkdir(join(app, 'migrations'), { recursive: true });
  for (let k = 1; k <= n; k += 1) {
    const table = `CREATE TABLE IF NOT EXISTS more_${k} (id INT PRIMARY KEY);\n`;
    await writeFile(join(app, 'migrations', `1${String(k).padStart(3, '0')}_more.sql`), table);
  }
  const config = join(folder, `foobar-${n}.config.json`);
  const settings = {
    domain: 'www.foobar.com',
    aliases: [`a${n}.example.net`],
    app: { source: app, keep: 3 },
    host: false,
    php: { extensions: [], settings: { memory_limit: `${100 + n}M` } },
  };
  await writeFile(config, JSON.stringify(settings));
  return config;
}
