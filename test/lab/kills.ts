import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { down, type Sandbox, up } from '../../src/sandbox/index.ts';
import { cli } from './cli.ts';
import { disturb, type Instant, interruptions, once } from './disturb.ts';
import { differences, fingerprint } from './fingerprint.ts';
import { stack } from './packages.ts';
import { watchPages } from './watch-pages.ts';

/** The packages that a first run installs, for a host that is bare otherwise. */

/** A random instant in the first 30 s of a first run, which takes longer on a bare host. */
const anyInstant = (): Instant => ({ ms: Math.random() * 30_000 });

/**
 * Kills this many first runs, on hosts that are bare or have the packages already. After one more run, each host must be like one whose run was
 * not interrupted. The kinds of interruption take turns; `shift` chooses the first. Returns how many of them hit a run that was under way.
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
    let underWay = 0;
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
        const interruption = interruptions[3 - ((n + shift) % interruptions.length)] ?? 'power';
        const { host, reached } = await disturb(await bare(), args, interruption, instantOf(n));
        const ended = await once(host, args);
        if (!reached.startsWith('end')) underWay += 1;
        const told = tell(`kill of a first run ${n + 1} of ${count}`, interruption, reached);
        expect(ended.code, `${told}\n${ended.stderr}\n${await lastRuns(host)}`).toBe(0);
        expect(differences(await undisturbed, await fingerprint(host)), told).toEqual([]);
        await down(host.name);
        // The first two hosts are created at the same time, so their order in the list is not known.
        hosts.splice(
          hosts.findIndex(({ name }) => name === host.name),
          1,
        );
      }
    } finally {
      await Promise.all(hosts.map(({ name }) => down(name)));
    }
    return underWay;
  });
}

/**
 * Kills this many runs on a host that serves, each of which changes something: at each step by each kind of interruption, and at random
 * instants. After one more run, it must be like a host with the same runs uninterrupted. Every page that a visitor gets must be complete.
 */
export async function killUpdates(count: number, instantOf: (n: number) => Instant = eachStep): Promise<void> {
  return withRevisions(async (revision) => {
    const [reference, made] = await Promise.all([up({ suite: 'trixie', include: stack }), up({ suite: 'trixie', include: stack })]);
    const pages = { whole: 0, unavailable: 0, broken: [] as string[] };
    let host = made;
    try {
      for (let n = 0; n < count; n += 1) {
        const args = ['--config', await revision(n)];
        const interruption = interruptions[n % interruptions.length] ?? 'power';
        const instant = instantOf(n);
        const undisturbed = once(reference, args);
        const watching =
          n === 0
            ? undefined
            : watchPages(
                () => made.address,
                (body) => body.trimEnd().endsWith('</html>'),
              );
        const interrupted = await disturb(host, args, interruption, instant);
        host = interrupted.host;
        const ended = await once(host, args);
        const seen = await watching?.end();
        const told = tell(`kill ${n + 1} of ${count}`, interruption, interrupted.reached);
        expect(ended.code, `${told}\n${ended.stderr}\n${await lastRuns(host)}`).toBe(0);
        expect((await undisturbed).code).toBe(0);
        const [expected, current] = await Promise.all([fingerprint(reference), fingerprint(host)]);
        const unlike = differences(expected, current);
        expect(unlike, unlike.length === 0 ? told : `${told}\n${await lastRuns(host)}`).toEqual([]);
        if (!seen) continue;
        pages.whole += seen.whole;
        pages.unavailable += seen.unavailable;
        pages.broken.push(...seen.broken);
        // Nothing but a power cut may be noticed by a visitor.
        if (interruption !== 'power') expect(seen.unavailable, told).toBe(0);
      }
      const again = await cli(host, 'plan', ['--config', await revision(count - 1)]);
      expect(again.code, again.stdout).toBe(0);
      expect(pages.broken).toEqual([]);
    } finally {
      await Promise.all([down(reference.name), down(host.name)]);
      process.stderr.write(
        `${pages.whole} whole pages, ${pages.broken.length} broken, ${pages.unavailable} unavailable while the host was off or booting\n`,
      );
    }
  });
}

/**
 * Returns when the n-th run is interrupted. The first run has about 47 steps, later ones 12. All kinds of interruption take turns at one step,
 * then at the next; every third round is at random instants.
 */
function eachStep(n: number): Instant {
  if (n === 0) return { step: 1 + Math.floor(Math.random() * 40) };
  const turn = Math.floor(n / interruptions.length);
  if (turn % 3 === 2) return { ms: Math.random() * 2_000 };
  return { step: 1 + ((turn - Math.floor((turn + 1) / 3)) % 12) };
}

function tell(which: string, interruption: string, reached: string): string {
  const told = `${which}: ${interruption} at ${reached.replaceAll('\t', ' ')}`;
  process.stderr.write(`${told}\n`);
  return told;
}

/** Returns the journals and logs of the host's last two runs: the one that was killed, and the one after it. */
export async function lastRuns(host: Sandbox): Promise<string> {
  const runs = join(host.root, 'var/lib/foobar-provision/runs');
  const last = (await readdir(runs)).toSorted().slice(-2);
  const texts = last.flatMap((run) => ['journal', 'log'].map((file) => readFile(join(runs, run, file), 'utf8').catch(() => 'not there')));
  return (await Promise.all(texts)).join('\n\n');
}

/** Calls `act` with a function that writes the n-th configuration: another setting, another page, another alias, one more migration. */
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
