import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { down, type Sandbox, sshArguments, up } from '../../src/sandbox/index.ts';
import { faraway } from './relay.ts';
import { report } from './report.ts';
import { median, numberOf, requireTool } from './tools.ts';

/**
 * One changed file of 3,000 (60 MB) becomes a new release: ours, and `cp -al` of the last release with `rsync -a` behind it over one
 * connection, in turn on one host. `npm run bench:deploy -- --pairs 9`, and `--rtt 40` for a line of 40 ms. Ours is timed to the switch
 * (the host's probe of the new release is before it, the verification after it), theirs to its own; the bytes are those on the wire, both
 * ways.
 */
const entry = join(import.meta.dirname, '../../dist/bin.mjs');
const pairs = numberOf('--pairs', 9);
/** Milliseconds of a round trip that both go through; 0 is the line as it is. */
const roundTrip = numberOf('--rtt', 0);
const folder = await mkdtemp(join(tmpdir(), 'foobar-bench-deploy-'));
const app = join(folder, 'app');
const environment = { ...process.env, CI: 'true', XDG_CACHE_HOME: join(folder, 'cache') };

async function application(): Promise<void> {
  for (let n = 0; n < 2999; n += 1) {
    const path = join(app, `src/part-${n % 200}/module-${n}.php`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `<?php // ${randomBytes(10_000).toString('hex')}\n`);
  }
  await mkdir(join(app, 'public'));
  await writeFile(join(app, 'public/index.php'), "<?php echo 'here';\n");
  const config = { domain: 'foobar.com', php: { extensions: [] }, database: { engine: 'none' }, app: { source: 'app' } };
  await writeFile(join(folder, 'foobar.config.json'), JSON.stringify(config));
}

async function change(): Promise<void> {
  await writeFile(join(app, 'src/part-7/module-7.php'), `<?php // ${randomBytes(10_000).toString('hex')}\n`);
}

interface Timed {
  /** Seconds. */
  readonly switched: number;
  readonly ended: number;
  readonly bytes: number;
}

async function wire({ gateway }: Sandbox): Promise<number> {
  const [, name = ''] = new RegExp(`^\\d+: (\\S+) +inet ${gateway}/`, 'm').exec(String(spawnSync('ip', ['-o', 'addr']).stdout)) ?? [];
  const counts = ['rx_bytes', 'tx_bytes'].map(async (each) => Number(await readFile(`/sys/class/net/${name}/statistics/${each}`, 'utf8')));
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

async function timed(host: Sandbox, command: string, words: readonly string[], isSwitch: (line: string) => boolean): Promise<Timed> {
  const before = await wire(host);
  const began = performance.now();
  const child = spawn(command, words, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended: Promise<unknown[]> = once(child, 'close');
  let switched = Number.NaN;
  let bytes = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!isSwitch(line)) continue;
    switched = (performance.now() - began) / 1000;
    bytes = (await wire(host)) - before;
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}`);
  return { switched, ended: (performance.now() - began) / 1000, bytes };
}

const reach = (host: Sandbox) => [`root@${host.address}`, '-i', host.identity, '--known-hosts', host.knownHosts, '--json'];
const ours = (host: Sandbox) =>
  timed(host, process.execPath, [entry, 'deploy', ...reach(host)], (line) => line.includes('"done"') && line.includes('"live:'));

function theirs(host: Sandbox, number: number): Promise<Timed> {
  const socket = join(folder, 'ssh');
  const ssh = `ssh -S ${socket} ${sshArguments(host).join(' ')}`;
  const script = `set -e
ssh -M -S ${socket} -o ControlPersist=yes ${sshArguments(host).join(' ')} 'cd /srv/peer && cp -al "$(readlink current)/." ${number}'
rsync -a --delete -e "ssh -S ${socket} ${sshArguments(host).slice(0, -1).join(' ')}" ${app}/ root@${host.address}:/srv/peer/${number}/
${ssh} 'cd /srv/peer && ln -sfn ${number} new && mv -fT new current'
echo switched
${ssh} -O exit 2>/dev/null`;
  return timed(host, 'sh', ['-c', script], (line) => line === 'switched');
}

const { line: print, end } = report(roundTrip > 0 ? `A deploy, at ${roundTrip} ms` : 'A deploy');
let host: Sandbox | undefined;
let line: Awaited<ReturnType<typeof faraway>> | undefined;
try {
  requireTool('rsync', 'rsync');
  await application();
  host = await up({ suite: 'trixie', include: ['rsync'] });
  const first = spawnSync(process.execPath, [entry, 'apply', '--yes', ...reach(host)], { cwd: folder, env: environment });
  if (first.status !== 0) throw new Error(String(first.stderr));
  const prepare = `mkdir -p /srv/peer/0 && cp -a /srv/www/foobar.com/current/. /srv/peer/0 && ln -s 0 /srv/peer/current`;
  spawnSync('ssh', [...sshArguments(host), prepare], { stdio: 'inherit' });
  if (roundTrip > 0) line = await faraway(host, folder, roundTrip);
  const seen = line?.host ?? host;
  const [own, peer]: [Timed[], Timed[]] = [[], []];
  for (let n = 1; n <= pairs; n += 1) {
    // Younger than two seconds, a file's time proves nothing.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await change();
    own.push(await ours(seen));
    peer.push(await theirs(seen, n));
  }
  const row = (name: string, all: readonly Timed[]) =>
    print(
      `${name.padEnd(20)} switched ${median(all.map(({ switched }) => switched)).toFixed(2)} s   ended ${median(all.map(({ ended }) => ended)).toFixed(2)} s   ${Math.round(median(all.map(({ bytes }) => bytes)) / 1000)} kB`,
    );
  row('ours', own);
  row('cp -al and rsync -a', peer);
  const ratios = own.map(({ switched }, index) => switched / (peer[index]?.switched ?? Number.NaN));
  print(`ratio ${median(ratios).toFixed(2)} (${pairs} pairs: ${ratios.map((each) => each.toFixed(2)).join(' ')})`);
  const kept = spawnSync('ssh', [...sshArguments(host), 'ls /srv/www/foobar.com/releases'], { encoding: 'utf8' });
  print(
    `${(await readdir(app)).length} folders, ${kept.stdout.split('\n').filter((name) => /^[0-9a-f]{12}$/.test(name)).length} releases kept`,
  );
  end();
} finally {
  line?.end();
  if (host) await down(host.name);
  await rm(folder, { recursive: true, force: true });
}
