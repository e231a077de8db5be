import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { down, type Sandbox, up } from '../../src/sandbox/index.ts';
import { ask } from '../lab/ask.ts';
import { cli, folder, named } from '../lab/cli.ts';
import { age, disturb, type Instant, type Interruption } from '../lab/disturb.ts';
import { exec } from '../lab/host.ts';
import { php } from '../lab/packages.ts';

const home = folder();

/** Its pages name their release, and a visitor uploads a file to every shared folder that this release has. */
const pages = (n: number) => ({
  'public/index.php': `<?php echo 'release ${n} ', implode(',', array_filter(glob(__DIR__ . '/../data/*'), 'is_writable')) === '' ? 'closed' : 'open';`,
  'public/upload.php': `<?php
    $kept = 0;
    foreach (glob(__DIR__ . '/../data/*', GLOB_ONLYDIR) as $folder)
      $kept += file_put_contents($folder . '/' . basename($_GET['name']), $_GET['name']) === strlen($_GET['name']) ? 1 : 0;
    echo 'kept in ', $kept;`,
  // What a release brings for a shared folder is copied into it once.
  [`data/f${n}/sample`]: String(n),
});

/** Writes the n-th version of a site, whose deploy shares one more folder. */
async function revision(n: number): Promise<string> {
  const root = join(home, `r${n}`);
  const brought = Array.from({ length: n }, (_, k): [string, string] => [`data/f${k}/sample`, String(k)]);
  for (const [path, content] of Object.entries({ ...Object.fromEntries(brought), ...pages(n) })) {
    await mkdir(dirname(join(root, 'app', path)), { recursive: true });
    await writeFile(join(root, 'app', path), content);
  }
  const shared = Array.from({ length: n + 1 }, (_, k) => `data/f${k}`);
  const config = {
    domain: 'foobar.com',
    app: { source: 'app', docroot: 'public', shared, keep: 3 },
    database: { engine: 'none' },
    host: false,
    php: { extensions: [] },
  };
  await writeFile(join(root, 'foobar.config.json'), JSON.stringify(config));
  return join(root, 'foobar.config.json');
}

/** Uploads one file after the other. Returns the names of those that the site has confirmed. */
function uploads(address: () => string) {
  const confirmed: string[] = [];
  let stop = false;
  const loop = (async () => {
    for (let n = 0; !stop; n += 1) {
      const name = `${Date.now()}-${n}`;
      const answer = await ask(address(), 'www.foobar.com', `/upload.php?name=${name}`).catch(() => undefined);
      if (/^kept in [1-9]/.test(answer?.body ?? '')) confirmed.push(name);
      await sleep(50);
    }
  })();
  return {
    end: async () => {
      stop = true;
      await loop;
      return confirmed;
    },
  };
}

/** Returns what must not be there: folders without the site's ownership, files of an interrupted run, and uploads that are missing. */
async function wrongOn(host: Sandbox, n: number, confirmed: readonly string[]): Promise<readonly string[]> {
  const kept = (await exec(host, 'ls /srv/www/foobar.com/shared/data/f0')).stdout.split('\n');
  const missing = confirmed.filter((name) => !kept.includes(name)).map((name) => `lost ${name}`);
  const { stdout } = await exec(
    host,
    `cd /srv/www/foobar.com/shared/data
find . ! -user foobar_com -printf 'owner %u %p\\n'
for k in $(seq 0 ${n}); do [ "$(cat f$k/sample)" = "$k" ] || echo "sample $k"; done
find /srv/www /var/lib/foobar-provision -xdev \\( -name '.*.filling' -o -name '*.part' -o -name '*.failed' \\) -printf 'left %p\\n'`,
  );
  return [...missing, ...stdout.split('\n').filter(Boolean)];
}

test('a deploy that shares another folder and is killed at any step loses no upload, and the next one completes it', async () => {
  let host = await up({ suite: 'trixie', include: php });
  const counts = { interruptions: 0, confirmed: 0 };
  try {
    const first = await cli(host, 'apply', ['--yes', '--config', await revision(0)]);
    expect(first.code, first.stderr).toBe(0);
    const undisturbed = await cli(host, 'deploy', ['--config', await revision(1)]);
    expect(undisturbed.code, undisturbed.stderr).toBe(0);
    const steps = named(undisturbed, 'step').length;
    expect(steps).toBeGreaterThan(3);
    const instants = Array.from({ length: steps }, (_, step): Instant => ({ step: step + 1 }));
    // The folder is created in one of the steps, so this one is interrupted at several moments.
    const within = [60, 250].map((ms): Instant => ({ ms }));
    let n = 1;
    for (const [interruption, instant] of [...instants, ...within].flatMap((each): [Interruption, Instant][] => [
      ['script', each],
      ['power', each],
    ])) {
      n += 1;
      const args = ['--config', await revision(n)];
      const visitor = uploads(() => host.address);
      const interrupted = await disturb(host, args, interruption, instant, 'deploy');
      host = interrupted.host;
      await age(host);
      const ended = await cli(host, 'deploy', args);
      const confirmed = await visitor.end();
      const told = `${interruption} at ${JSON.stringify(instant)} (${interrupted.reached.replaceAll('\t', ' ')})`;
      process.stderr.write(`${told}: ${confirmed.length} uploads\n`);
      expect(ended.code, `${told}\n${ended.stderr}`).toBe(0);
      expect((await ask(host.address, 'www.foobar.com'))?.body, told).toBe(`release ${n} open`);
      expect(await wrongOn(host, n, confirmed), told).toEqual([]);
      const upload = await ask(host.address, 'www.foobar.com', '/upload.php?name=last');
      expect(upload?.body, told).toBe(`kept in ${n + 1}`);
      const plan = await cli(host, 'plan', args);
      expect([plan.code, named(plan, 'change')], `${told}\n${plan.stderr}`).toEqual([0, []]);
      counts.interruptions += 1;
      counts.confirmed += confirmed.length;
    }
  } finally {
    await down(host.name);
    process.stderr.write(`${counts.interruptions} deploys interrupted, ${counts.confirmed} uploads kept\n`);
  }
}, 1_800_000);
