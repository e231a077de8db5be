import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { site } from '../../playbooks/site.ts';
import { sh } from '../../src/command/command.ts';
import { hostWithEveryRole } from '../../src/config/inventory.ts';
import { complete } from '../../src/config-file/complete.ts';
import { load } from '../../src/config-file/load.ts';
import { gather } from '../../src/engine/playbook.ts';
import { parseSurvey, readScript, surveyScript } from '../../src/engine/survey.ts';
import { kinds } from '../../src/resources/index.ts';
import { down, type Sandbox, sshArguments, up } from '../../src/sandbox/index.ts';
import { viewOf } from '../playbooks/view.ts';
import { keptName, keptOpen } from './kept.ts';
import { faraway } from './relay.ts';
import { report } from './report.ts';
import { median, numberOf } from './tools.ts';

/**
 * Ours against a script written by hand, in turn, on hosts of the same kind: a first run, and a run that changes nothing.
 * `npm run bench`, or `npm run bench -- --pairs 5`. Prints medians and ratios; it judges nothing.
 */
const root = join(import.meta.dirname, '../..');
const entry = join(root, 'dist/bin.mjs');
const pairs = numberOf('--pairs', 3);
const { line: print, end } = report('Runs');
/** The hosts that are running, which are removed even after a failure. */
const running = new Set<string>();
const folder = await mkdtemp(join(tmpdir(), 'foobar-bench-'));

async function boot(): Promise<Sandbox> {
  const host = await up({ suite: 'trixie' });
  running.add(host.name);
  return host;
}

async function remove({ name }: Sandbox): Promise<void> {
  await down(name);
  running.delete(name);
}

interface Timed {
  readonly seconds: number;
  /** MiB. */
  readonly memory: number;
}

async function timed(command: string, args: readonly string[], input?: string): Promise<Timed> {
  const started = performance.now();
  const child = spawn('/usr/bin/env', ['time', '-f', 'peak %M', command, ...args], { stdio: ['pipe', 'ignore', 'pipe'], cwd: folder });
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input ?? '');
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${said}`);
  return { seconds, memory: Number(/peak (\d+)/.exec(said)?.[1] ?? 0) / 1024 };
}

const ours = (host: Sandbox, ...args: string[]) =>
  timed(process.execPath, [
    entry,
    'apply',
    `root@${host.address}`,
    '-i',
    host.identity,
    '--known-hosts',
    host.knownHosts,
    '--yes',
    '--json',
    ...args,
  ]);
/** Ours on a connection that ssh keeps open, and which ssh_config describes. */
const oursKept = (...args: string[]) => timed(process.execPath, [entry, 'apply', keptName, '--yes', '--json', ...args]);
const theirs = (host: Sandbox, script: string, shell = 'bash -s') => timed('ssh', [...sshArguments(host), shell], script);

function tell(title: string, own: readonly Timed[], script: readonly Timed[]): void {
  const ratios = own.map(({ seconds }, index) => seconds / (script[index]?.seconds ?? Number.NaN));
  const figures = [
    median(own.map(({ seconds }) => seconds)),
    median(script.map(({ seconds }) => seconds)),
    median(ratios),
    Math.max(...own.map(({ memory }) => memory)),
  ];
  const [a, b, ratio, memory] = figures.map((figure) => figure.toFixed(2));
  print(`${title.padEnd(46)} ours ${a} s   script ${b} s   ratio ${ratio}   our peak ${memory} MiB   (${own.length} pairs)`);
}

/** Returns the paths of the files that the script unpacks: those that our plan creates. */
async function plannedFiles(host: Sandbox): Promise<string[]> {
  const plan = spawn(
    process.execPath,
    [
      entry,
      'plan',
      `root@${host.address}`,
      '-i',
      host.identity,
      '--known-hosts',
      host.knownHosts,
      '--json',
      '-v',
      '--config',
      join(folder, 'plain.config.json'),
      '--out',
      join(folder, 'plan.json'),
    ],
    { stdio: 'ignore', cwd: folder },
  );
  await once(plan, 'close');
  const { changes } = JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8')) as {
    changes: { action: string; resource: { kind: string; id: string } }[];
  };
  return changes
    .filter(({ action, resource }) => action !== 'remove' && resource.kind === 'file')
    .map(({ resource }) => resource.id)
    .filter((path) => /^\/(etc\/(nginx|mysql|foobar-provision\/instances)|usr\/local\/lib|srv)\//.test(path));
}

/** Packs those files as our run left them on the host, and the demo site, for the script to unpack. */
async function bundle(host: Sandbox, paths: readonly string[]): Promise<void> {
  const packed = spawn('ssh', [...sshArguments(host), 'tar -czf - -T -'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const saved = pipeline(packed.stdout, createWriteStream(join(folder, 'etc.tgz')));
  packed.stdin.end(paths.join('\n'));
  const [[code]] = await Promise.all([once(packed, 'close'), saved]);
  if (code !== 0) throw new Error(`tar ended with ${code}`);
  const site = spawnSync('tar', ['-czf', join(folder, 'site.tgz'), '-C', join(root, 'files/site'), '.'], { stdio: 'inherit' });
  if (site.status !== 0) throw new Error(`tar ended with ${site.status}`);
}

async function copy(host: Sandbox): Promise<void> {
  for (const name of ['etc.tgz', 'site.tgz']) {
    const sent = spawn('ssh', [...sshArguments(host), `cat >/root/${name}`], { stdio: ['pipe', 'ignore', 'inherit'] });
    sent.stdin.end(await readFile(join(folder, name)));
    await once(sent, 'close');
  }
}

/** A thousand files more, as a playbook of one's own. */
const many = `import { defineConfig, definePlaybook, directory, file } from 'foobar-provision';
const names = Array.from({ length: 1000 }, (_, n) => '/etc/foobar-many/' + n + '.conf');
export default defineConfig({ host: false, playbooks: [definePlaybook({ name: 'many', resources: () => [directory('/etc/foobar-many'), ...names.map((path, n) => file(path, { content: 'setting = ' + n }))] })] });
`;
const manyByHand = 'mkdir -p /etc/foobar-many\nfor n in $(seq 0 999); do cat >/etc/foobar-many/$n.conf <<X\nsetting = $n\nX\ndone\n';

async function firstRuns(title: string, config: readonly string[], more: string): Promise<Sandbox> {
  const script = `${await readFile(join(import.meta.dirname, 'first-run.sh'), 'utf8')}\n${more}`;
  const own: Timed[] = [];
  const hand: Timed[] = [];
  let kept: Sandbox | undefined;
  for (let n = 0; n < pairs; n += 1) {
    if (kept) await remove(kept);
    kept = await boot();
    const paths = await plannedFiles(kept);
    own.push(await ours(kept, ...config));
    if (n === 0) await bundle(kept, paths);
    const other = await boot();
    await copy(other);
    hand.push(await theirs(other, script));
    await remove(other);
  }
  tell(title, own, hand);
  if (!kept) throw new Error('--pairs must be 1 or more');
  return kept;
}

/** All that a run which changes nothing reads, as one script: the survey, and every kind's reading. */
async function readsOf(host: Sandbox, file?: string): Promise<string> {
  const { config: user } = await load(() => import('../../src/index.ts'), file);
  const config = await complete(user, {}, file);
  const playbooks = [...site, ...(user.playbooks ?? [])];
  const survey = surveyScript(config, hostWithEveryRole(host.name), playbooks);
  const asked = spawn('ssh', [...sshArguments(host), 'sh', '-s'], { stdio: ['pipe', 'pipe', 'inherit'] });
  asked.stdin.end(survey.text);
  const found = parseSurvey({ stdout: await text(asked.stdout), stderr: '', code: 0 }, config.name);
  return sh`(\n${survey}\n)\n${readScript(gather(playbooks, viewOf(config, found.facts)), found, kinds)}\n`.text;
}

/**
 * Directly, and through a relay that gives the loopback a round trip of 100 ms; the site's hops are walked by ours, and not by the script.
 */
async function unchanged(title: string, host: Sandbox, file?: string): Promise<void> {
  const reads = await readsOf(host, file);
  const config = file ? ['--config', file] : [];
  const line = await faraway(host, folder, 100);
  for (const seen of [host, line.host]) {
    const own: Timed[] = [];
    const hand: Timed[] = [];
    for (let n = 0; n < 9; n += 1) {
      own.push(await ours(seen, ...config));
      hand.push(await theirs(seen, reads, 'sh'));
    }
    const heading = `${title}${seen === host ? '' : ', 100 ms of round trip'}`;
    tell(heading, own, hand);
    const close = await keptOpen(seen, folder);
    try {
      // The first one learns how the user logs in.
      await oursKept(...config);
      const kept: Timed[] = [];
      const byLogin: Timed[] = [];
      for (let n = 0; n < 9; n += 1) {
        kept.push(await oursKept(...config));
        byLogin.push(await theirs(seen, reads, 'sh'));
      }
      tell(`${heading}, connection kept open`, kept, byLogin);
    } finally {
      await close();
    }
  }
  line.end();
}

try {
  const config = join(folder, 'many.config.ts');
  await writeFile(config, many);
  // What hardens a host is left out on both sides: a script of it by hand would be our own text again.
  const plain = join(folder, 'plain.config.json');
  await writeFile(plain, '{ "host": false }');
  const host = await firstRuns('first run', ['--config', plain], '');
  await unchanged('nothing to change', host, plain);
  await remove(host);
  const fuller = await firstRuns('first run, 1,000 files more', ['--config', config], manyByHand);
  await unchanged('nothing to change, 1,000 files more', fuller, config);
  await remove(fuller);
  end();
} finally {
  for (const name of running) await down(name);
  await rm(folder, { recursive: true, force: true });
}
