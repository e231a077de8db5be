import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { down, type Sandbox, up } from '../../src/sandbox/index.ts';
import { ask } from '../lab/ask.ts';
import { cli, type Ended, folder, named } from '../lab/cli.ts';
import { age, disturb, type Instant, type Interruption, interruptions } from '../lab/disturb.ts';
import { differences, fingerprint } from '../lab/fingerprint.ts';
import { exec } from '../lab/host.ts';
import { stack } from '../lab/packages.ts';
import { busySite } from '../lab/traffic.ts';
import { watchPages } from '../lab/watch-pages.ts';

const home = folder();

/**
 * Writes the n-th version of a site whose deploys change everything that they can: files, PHP's settings, and the schema before and after the
 * switch, with hooks around it.
 */
async function revision(n: number): Promise<string> {
  const root = join(home, `r${n}`);
  const schema = (when: string) =>
    Array.from({ length: n }, (_, k): [string, string] => [
      `migrations/${when}1${String(k).padStart(3, '0')}.sql`,
      `CREATE TABLE IF NOT EXISTS t${k} (id INT);\n`,
    ]);
  // So many files that the upload can be interrupted.
  const parts = Array.from({ length: 400 }, (_, k): [string, string] => [
    `src/part-${k}.php`,
    `<?php // ${k % 40 === n % 40 ? n : 0} ${'x'.repeat(2_000)}`,
  ]);
  const files = { ...busySite(String(n)), ...Object.fromEntries([...schema(''), ...schema('after/'), ...parts]) };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, 'app', path)), { recursive: true });
    await writeFile(join(root, 'app', path), content);
  }
  const config = {
    domain: 'foobar.com',
    app: {
      source: 'app',
      docroot: 'public',
      env: { TURN: String(n) },
      keep: 3,
      hooks: { before: ['test -s version.txt'], after: ['true'] },
    },
    host: false,
    php: { extensions: [], settings: { memory_limit: `${100 + n}M` } },
    web: { policy: `frame-ancestors 'self' r${n}.test` },
  };
  await writeFile(join(root, 'foobar.config.json'), JSON.stringify(config));
  return join(root, 'foobar.config.json');
}

/** Prints what deploys leave on a disk: a line `kept` with the type, size and number of links of each file, and a line `left` for each file that
 * must not be there. */
const diskScript = String.raw`
cd /srv/www && find . ! -name '*.sock' ! -path './*/shared/*' -printf 'kept %y %m %u %s %n %P\n' | sed 's/^kept d \(.*\) [0-9]* [0-9]* /kept d \1 /'
cd /var/lib/foobar-provision && find releases incoming ! -name release.json ! -name stat ! -type d -printf 'kept %y %m %s %n %P\n'
find releases incoming -type d -printf 'kept %y %m %p\n'
find /etc/foobar-provision/instances -printf 'kept %y %m %P\n'
find /etc/nginx/foobar-rules -printf 'kept %y %m %P %l\n'
find /srv /etc /var/lib/foobar-provision /run -xdev \( -name '.foobar-provision*' -o -name '.*.filling' -o -name '*.part' -o -name '*.failed' -o -name 'foobar-provision-*.[A-Za-z0-9]*' ! -name '*.service' ! -name '*.timer' ! -name 'foobar-provision-left.*' \) -printf 'left %p\n' 2>/dev/null
ls /var/lib/foobar-provision/runs | wc -l | awk '$1 > 10 { print "left", $1, "runs" }'
du -s --inodes /srv/www /var/lib/foobar-provision/releases /var/lib/foobar-provision/incoming | sed 's/^/inodes /'
du -s --apparent-size --block-size=64K /srv/www | sed 's/^/size /'
`;

async function disk(host: Sandbox): Promise<readonly string[]> {
  await age(host);
  return (await exec(host, diskScript)).stdout.split('\n').filter(Boolean).sort();
}

async function deploy(host: Sandbox, args: readonly string[]): Promise<Ended> {
  await age(host);
  return cli(host, 'deploy', args);
}

/** Returns the manifest. Its text may differ in the order of its keys. */
async function manifestOf(host: Sandbox): Promise<unknown> {
  return JSON.parse((await exec(host, 'cat /var/lib/foobar-provision/manifests/foobar.com.json')).stdout);
}

/** Requests the page again and again. Every answer must be from one release only. */
function visitor(address: () => string) {
  const versions = new Set<string>();
  const watching = watchPages(address, (body) => {
    const [, one, two, three, turn] = /^release (\S+) (\S+) (\S+) .* (\S+) end$/s.exec(body) ?? [];
    if (one === undefined || ![two, three, turn].every((each) => each === one)) return false;
    versions.add(one);
    return true;
  });
  return { end: async () => ({ ...(await watching.end()), versions }) };
}

test('a deploy that is killed at any step needs no manual repair, shows visitors no incomplete release, and leaves nothing behind', async () => {
  const [reference, made] = await Promise.all([up({ suite: 'trixie', include: stack }), up({ suite: 'trixie', include: stack })]);
  let host = made;
  const counts = { interruptions: 0, whole: 0, unavailable: 0 };
  try {
    const first = ['--yes', '--config', await revision(0)];
    const both = await Promise.all([reference, host].map((each) => cli(each, 'apply', first)));
    for (const ended of both) expect(ended.code, ended.stderr).toBe(0);
    let n = 1;
    const instants = async (): Promise<readonly Instant[]> => {
      const args = ['--config', await revision(n)];
      const [like, here] = await Promise.all([reference, host].map((each) => deploy(each, args)));
      for (const ended of [like, here]) expect(ended?.code, ended?.stderr).toBe(0);
      const steps = like === undefined ? 0 : named(like, 'step').length;
      expect(steps).toBeGreaterThan(8);
      return [
        ...Array.from({ length: steps }, (_, step) => ({ step: step + 1 })),
        ...interruptions.map(() => ({ arriving: true as const })),
      ];
    };
    for (const [index, instant] of (await instants()).entries()) {
      n += 1;
      const interruption: Interruption = interruptions[index % interruptions.length] ?? 'power';
      const args = ['--config', await revision(n)];
      const undisturbed = deploy(reference, args);
      const watching = visitor(() => host.address);
      const interrupted = await disturb(host, args, interruption, instant, 'deploy');
      host = interrupted.host;
      const ended = await deploy(host, args);
      const seen = await watching.end();
      const told = `${interruption} at ${'step' in instant ? `step ${instant.step}` : 'the upload'} (${interrupted.reached.replaceAll('\t', ' ')})`;
      process.stderr.write(`${told}: ${seen.whole} whole pages, ${seen.unavailable} unavailable\n`);
      const log =
        ended.code === 0 ? '' : (await exec(host, 'tail -n 40 $(ls -td /var/lib/foobar-provision/runs/* | head -n 1)/log')).stdout;
      expect(ended.code, `${told}\n${ended.stderr}\n${log}`).toBe(0);
      expect((await undisturbed).code).toBe(0);
      expect((await ask(host.address, 'www.foobar.com'))?.body).toContain(`release ${n} ${n} ${n} `);
      expect(seen.broken, told).toEqual([]);
      expect(
        [...seen.versions].every((version) => [n - 1, n].includes(Number(version))),
        told,
      ).toBe(true);
      // Nothing but a power cut may be noticed by a visitor.
      if (interruption !== 'power') expect(seen.unavailable, told).toBe(0);
      const [like, found] = await Promise.all([disk(reference), disk(host)]);
      expect(differences(like, found), told).toEqual([]);
      expect(
        found.filter((line) => line.startsWith('left ')),
        told,
      ).toEqual([]);
      const lasting = (lines: readonly string[]) =>
        lines.filter((line) => !line.endsWith(' var/lib/foobar-provision/manifests/foobar.com.json'));
      const [one, other] = await Promise.all([fingerprint(reference), fingerprint(host)]);
      expect(differences(lasting(one), lasting(other)), told).toEqual([]);
      expect(await manifestOf(host), told).toEqual(await manifestOf(reference));
      await rm(join(home, `r${n - 1}`), { recursive: true, force: true });
      counts.interruptions += 1;
      counts.whole += seen.whole;
      counts.unavailable += seen.unavailable;
    }
  } finally {
    await Promise.all([down(reference.name), down(host.name)]);
    process.stderr.write(
      `${counts.interruptions} deploys killed; ${counts.whole} whole pages, ${counts.unavailable} unavailable while the host was off or booting\n`,
    );
  }
}, 3_600_000);
