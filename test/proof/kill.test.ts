import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { down, type Sandbox, unsupported, up } from '../../src/sandbox/index.ts';
import { ask } from '../lab/ask.ts';
import { cli } from '../lab/cli.ts';
import { type Blow, blows, disturb, type Instant, once } from '../lab/disturb.ts';
import { differences, fingerprint } from '../lab/fingerprint.ts';

/** How many blows; `FOOBAR_KILLS=100 npx vitest run --project lab test/lab/kill.test.ts` is the nightly proof. */
const kills = Number(process.env.FOOBAR_KILLS ?? 12);
/** First runs install packages for half a minute, so most blows fall on updates. */
const bare = Math.max(1, Math.floor(kills / 8));
const stack = ['nginx', 'mariadb-server', 'php8.4-fpm', 'php8.4-mysql'];
const reason = unsupported();
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foobar-kill-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The n-th state of the site: another setting, another page, another alias, one more migration. */
async function revision(n: number): Promise<string> {
  const app = join(folder, `app-${n}`);
  await cp(join(import.meta.dirname, '../../files/site'), app, { recursive: true });
  await writeFile(join(app, 'public', 'revision.txt'), `revision ${n}\n`);
  await mkdir(join(app, 'migrations'), { recursive: true });
  for (let k = 1; k <= n; k += 1)
    await writeFile(
      join(app, 'migrations', `1${String(k).padStart(3, '0')}_more.sql`),
      `CREATE TABLE IF NOT EXISTS more_${k} (id INT PRIMARY KEY);\n`,
    );
  const config = join(folder, `foobar-${n}.config.json`);
  const settings = {
    domain: 'foobar.com',
    aliases: [`a${n}.example.net`],
    app: { source: app, keep: 3 },
    php: { extensions: [], settings: { memory_limit: `${100 + n}M` } },
  };
  await writeFile(config, JSON.stringify(settings));
  return config;
}

/** Asks for the front page all the while: every answer must be a whole page, whatever happens to the run. */
function watch(host: Sandbox) {
  const seen = { whole: 0, broken: [] as string[], unavailable: 0 };
  let stop = false;
  const loop = (async () => {
    while (!stop) {
      const answer = await ask(host.address, 'www.foobar.com');
      if (answer === undefined || answer.status >= 500) seen.unavailable += 1;
      else if (answer.status === 200 && answer.body.trimEnd().endsWith('</html>')) seen.whole += 1;
      else seen.broken.push(`${answer.status} ${answer.body.slice(0, 200)}`);
      await sleep(15);
    }
  })();
  return {
    end: async () => {
      stop = true;
      await loop;
      return seen;
    },
  };
}

function blowOf(n: number): Blow {
  return blows[n % blows.length] ?? 'power';
}

describe.skipIf(reason !== undefined)('a run that is killed', () => {
  test(`during ${bare} first runs on bare hosts, and once more: as if nothing had happened`, {
    timeout: bare * 150_000 + 120_000,
  }, async () => {
    const config = await revision(0);
    const reference = await up({ suite: 'trixie' });
    const told: string[] = [];
    try {
      expect((await once(reference, ['--config', config])).code).toBe(0);
      const wanted = await fingerprint(reference);
      for (let n = 0; n < bare; n += 1) {
        const blow = blowOf(3 - (n % 2));
        const made = await up({ suite: 'trixie' });
        try {
          const { host, reached } = await disturb(made, ['--config', config], blow, { ms: 2_000 + Math.random() * 30_000 });
          const ended = await once(host, ['--config', config]);
          told.push(`${blow} at ${reached}`);
          expect(ended.code, `${told.at(-1)}\n${ended.stderr}`).toBe(0);
          expect(differences(wanted, await fingerprint(host)), told.at(-1)).toEqual([]);
        } finally {
          await down(made.name);
        }
      }
    } finally {
      await down(reference.name);
    }
    process.stderr.write(`${told.length} kills of first runs: ${told.join('; ')}\n`);
  });

  test(`during ${kills - bare} runs on a host that serves, and once more: as if nothing had happened`, {
    timeout: kills * 40_000 + 240_000,
  }, async () => {
    const [reference, made] = await Promise.all([up({ suite: 'trixie', include: stack }), up({ suite: 'trixie', include: stack })]);
    let host = made;
    const told: string[] = [];
    const pages = { whole: 0, unavailable: 0, broken: [] as string[] };
    try {
      for (let n = 0; n < kills - bare; n += 1) {
        const config = await revision(n);
        expect((await once(reference, ['--config', config])).code).toBe(0);
        const blow = blowOf(n);
        const instant: Instant =
          n % 3 === 2 ? { ms: 300 + Math.random() * 2_500 } : { step: 1 + Math.floor(Math.random() * (n === 0 ? 40 : 12)) };
        const watching = n === 0 ? undefined : watch(host);
        const struck = await disturb(host, ['--config', config], blow, instant);
        host = struck.host;
        const ended = await once(host, ['--config', config]);
        const seen = await watching?.end();
        told.push(`${blow} at ${struck.reached.replaceAll('\t', ' ')}`);
        expect(ended.code, `${told.at(-1)}\n${ended.stderr}`).toBe(0);
        expect(differences(await fingerprint(reference), await fingerprint(host)), told.at(-1)).toEqual([]);
        if (seen) {
          pages.whole += seen.whole;
          pages.unavailable += seen.unavailable;
          pages.broken.push(...seen.broken);
          // Nothing but a power cut may be noticed by a visitor.
          if (blow !== 'power') expect(seen.unavailable, told.at(-1)).toBe(0);
        }
      }
      const again = await cli(host, 'plan', ['--config', await revision(kills - bare - 1)]);
      expect(again.code, again.stdout).toBe(0);
    } finally {
      await Promise.all([down(reference.name), down(host.name)]);
    }
    expect(pages.broken).toEqual([]);
    process.stderr.write(
      `${told.length} kills: ${told.join('; ')}\n${pages.whole} whole pages, ${pages.broken.length} broken, ${pages.unavailable} not to be had while the host was off or booting\n`,
    );
  });
});
