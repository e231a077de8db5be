import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../lab/ask.ts';
import { cli, type Ended, folder } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';
import { busySite, type Seen, traffic } from '../lab/traffic.ts';

/** How many deploys, and as many rollbacks; `FOOBAR_DEPLOYS=50` is the nightly proof, with ten changes of what runs the application. */
const deploys = Number(process.env.FOOBAR_DEPLOYS ?? 8);
const turns = Math.max(2, Math.floor(deploys / 5));
/** Milliseconds that one of them may take on a busy machine. */
const deployTimeoutMs = 60_000;

/** What PHP tells of its cache of compiled scripts; memory in bytes. */
interface Opcache {
  readonly total: number;
  readonly used: number;
  readonly wasted: number;
  /** Names of files that it holds, and how many it can hold. */
  readonly keys: number;
  readonly room: number;
  /** For want of room. */
  readonly restarts: number;
}

const home = folder();
const app = join(home, 'app');

async function files(of: Readonly<Record<string, string>>): Promise<void> {
  await rm(app, { recursive: true, force: true });
  for (const [path, content] of Object.entries(of)) {
    await mkdir(dirname(join(app, path)), { recursive: true });
    await writeFile(join(app, path), content);
  }
}

async function configure(turn: string, php: object = {}): Promise<void> {
  await writeFile(
    join(home, 'foobar.config.json'),
    JSON.stringify({
      app: { source: 'app', docroot: 'public', env: { TURN: turn }, keep: 3, health: { empty: false } },
      host: false,
      php: { extensions: [], ...php },
    }),
  );
}

describe('a busy site', () => {
  const here = lab('trixie');
  let visitors: ReturnType<typeof traffic>;
  const run = (command: string, ...args: string[]): Promise<Ended> => cli(here.host, command, args, { cwd: home });
  const caches: Opcache[] = [];
  const rollbacks: number[] = [];
  const cache = async (): Promise<Opcache> => {
    const { stdout } = await exec(
      here.host,
      `cd /srv/www/foobar.com; perl /usr/local/lib/foobar-provision/ask run fastcgi "$(readlink "$(readlink current).sock")" 10 /usr/local/lib/foobar-provision/opcache.php`,
    );
    return JSON.parse(stdout) as Opcache;
  };

  beforeAll(async () => {
    await files(busySite('first'));
    await configure('0');
    const made = await run('apply', '--yes');
    expect(made.code, made.stderr).toBe(0);
    visitors = traffic(here.host.address, 'www.foobar.com');
  });
  afterAll(async () => {
    const seen = await visitors.stop();
    process.stdout.write(`${deploys} deploys, ${deploys} rollbacks, ${turns} turns: ${told(seen)}\n`);
    process.stdout.write(`a rollback took ${median(rollbacks).toFixed(2)} s, the process's start and the verification included\n`);
    for (const [name, figures] of [['first', caches[0]] as const, ['last', caches.at(-1)] as const])
      process.stdout.write(`opcache after the ${name} deploy: ${JSON.stringify(figures)}\n`);
  });

  test(`${deploys} deploys and ${deploys} rollbacks in a row are noticed by nobody`, {
    timeout: deploys * 2 * deployTimeoutMs,
  }, async () => {
    for (let n = 1; n <= deploys; n += 1) {
      await files(busySite(`r${n}`));
      const deployed = await run('deploy');
      expect(deployed.code, deployed.stderr).toBe(0);
      expect((await page()).body).toContain(`release r${n} `);
      caches.push(await cache());
      const began = performance.now();
      const back = await run('rollback');
      rollbacks.push((performance.now() - began) / 1000);
      expect(back.code, back.stderr).toBe(0);
      expect((await page()).body).not.toContain(`release r${n} `);
    }
    expect(visitors.seen.failed).toEqual([]);
  });

  test("PHP's opcode cache does not grow with the releases", () => {
    const [first, last] = [caches[0], caches.at(-1)];
    if (first === undefined || last === undefined) throw new Error('nothing was deployed');
    expect(Math.max(...caches.map(({ keys }) => keys))).toBeLessThan(last.room / 2);
    expect(Math.max(...caches.map(({ used }) => used)) - first.used).toBeLessThan(2 ** 20);
    // What was let go comes back when the cache empties itself, long before it is full.
    expect(Math.max(...caches.map(({ used, wasted }) => used + wasted))).toBeLessThan((last.total * 2) / 3);
    expect(caches.map(({ restarts }) => restarts)).toEqual(caches.map(() => 0));
  });

  test(`${turns} changes of what runs it are noticed by nobody, and go back with the release`, {
    timeout: (turns + 1) * deployTimeoutMs,
  }, async () => {
    for (let n = 1; n <= turns; n += 1) {
      await files(busySite(`t${n}`));
      await configure(String(n), { settings: { memory_limit: `${128 + n}M` } });
      const deployed = await run('deploy');
      expect(deployed.code, deployed.stderr).toBe(0);
      expect((await page()).body).toMatch(new RegExp(`^release t${n} .* ${n} end$`));
    }
    const back = await run('rollback');
    expect(back.code, back.stderr).toBe(0);
    expect((await page()).body).toMatch(new RegExp(`^release t${turns - 1} .* ${turns - 1} end$`));
    expect(visitors.seen.failed).toEqual([]);
  });

  const bad: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    ['a syntax error', { 'public/index.php': '<?php this is no PHP' }, /syntax error/],
    ['an exception', { 'public/index.php': "<?php throw new RuntimeException('on purpose');" }, /on purpose/],
    ['an endless loop', { 'public/index.php': '<?php while (true) { usleep(1000); }' }, /no complete answer within 20 s/],
    ['an empty page', { 'public/index.php': '<?php exit;' }, /empty body/],
    ['a missing extension', { 'public/index.php': '<?php echo imap_open("x", "y", "z");' }, /undefined function imap_open/],
    [
      'a migration that fails halfway',
      { 'migrations/0002_half.sql': 'CREATE TABLE half (id INT);\nINSERT INTO half VALUES (1);\nINSERT INTO nowhere VALUES (1);\n' },
      /0002_half\.sql, line 3: INSERT INTO nowhere/,
    ],
  ];
  test.each(bad)('a release with %s is never served, and the old one stays live', async (name, more, says) => {
    const before = (await page()).body;
    await files(busySite(`bad-${name.replaceAll(' ', '-')}`, more));
    const deployed = await run('deploy');
    expect(deployed.code, deployed.stdout).toBe(5);
    expect(deployed.stdout + deployed.stderr).toMatch(says);
    expect((await page()).body).toBe(before);
    expect((await exec(here.host, 'ls /srv/www/foobar.com/releases | grep -c failed')).stdout.trim()).toBe('1');
    expect(visitors.seen.failed).toEqual([]);
  });

  test("everything that was acknowledged is in the database, and PHP's opcode cache has not grown", async () => {
    await files(busySite('last'));
    expect((await run('deploy')).code).toBe(0);
    // Until the last request that may be under way in an older release is over, that stays.
    await sleep(70_000);
    await files(busySite('very-last'));
    expect((await run('deploy')).code).toBe(0);
    const acknowledged = [...visitors.seen.acknowledged];
    const { stdout } = await exec(here.host, 'mariadb -BN foobar_com -e "SELECT id FROM written"');
    const written = new Set(stdout.split('\n'));
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(acknowledged.filter((id) => !written.has(id))).toEqual([]);
    const verified = await run('verify');
    expect(verified.stdout).toMatch(/opcache (1\d|2\d) of \d+ MiB, (8|9)\d % hits/);
    const left = await exec(
      here.host,
      'ls /srv/www/foobar.com/releases /etc/foobar-provision/instances/foobar.com; systemctl --failed --no-legend',
    );
    expect(left.stdout.split('\n').filter((line) => /^[0-9a-f]{12}$/.test(line)).length).toBeLessThanOrEqual(3);
    expect(visitors.seen.failed).toEqual([]);
  });

  async function page(): Promise<{ readonly body: string }> {
    return (await ask(here.host.address, 'www.foobar.com')) ?? { body: 'no answer' };
  }
});

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function told({ whole, slow, acknowledged, failed, versions }: Seen): string {
  return `${whole} whole answers (${slow} of 5 s, ${acknowledged.length} written) of ${versions.size} releases, ${failed.length} failed`;
}
