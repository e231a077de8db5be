import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { boot, powerCut, type Sandbox } from '../../src/sandbox/index.ts';
import { cli, type Ended, start } from './cli.ts';
import { exec } from './host.ts';
import { killOnHost, processesOf } from './processes.ts';

/** What may interrupt a run. */
export const interruptions = ['client', 'connection', 'script', 'power'] as const;
export type Interruption = (typeof interruptions)[number];

/**
 * When a run is interrupted: as soon as its journal begins this step, or one of this name, as soon as apt unpacks this package, as soon as files
 * arrive on the host, or this many milliseconds after the journal's first line.
 */
export type Instant =
  | { readonly step: number }
  | { readonly beginning: string }
  | { readonly unpacking: string }
  | { readonly arriving: true }
  | { readonly ms: number };

export interface Disturbed {
  readonly host: Sandbox;
  /** The last line of the journal at the interruption, if there was one. */
  readonly reached: string;
}

/**
 * Starts a run, interrupts it at that instant, and waits until it no longer runs. A power cut also takes from the host's files what `lose`
 * removes.
 */
export async function disturb(
  host: Sandbox,
  args: readonly string[],
  interruption: Interruption,
  instant: Instant,
  command: 'apply' | 'deploy' = 'apply',
  lose: (root: string) => void = () => {},
): Promise<Disturbed> {
  await age(host);
  const before = new Set(await runs(host));
  const { child, ended } = start(host, command, command === 'apply' ? ['--yes', ...args] : args);
  const over = ended.then(() => true);
  await reachedInstant(host, before, instant, over);
  const reached = (await journal(host, before)).at(-1) ?? 'before the run';
  const after = await interrupt(host, interruption, () => child.kill('SIGKILL'), lose);
  await ended;
  await quiet(after);
  return { host: after, reached };
}

async function interrupt(
  host: Sandbox,
  interruption: Interruption,
  killClient: () => void,
  lose: (root: string) => void,
): Promise<Sandbox> {
  switch (interruption) {
    case 'client':
      killClient();
      return host;
    case 'connection':
      await killOnHost(host, /^sshd(-session)?: root/);
      return host;
    case 'script':
      await killOnHost(host, /^\/bin\/sh \/var\/lib\/foobar-provision\/runs\/\S+\/script/);
      return host;
    case 'power':
      await powerCut(host.name);
      killClient();
      lose(host.root);
      return boot(host.name);
  }
}

/** Waits until no run is under way. A run ends without a client, too. */
async function quiet(host: Sandbox): Promise<void> {
  for (let left = 240; left > 0; left -= 1) {
    if (!(await isRunning(host))) return;
    await sleep(500);
  }
  throw new Error('the run did not end by itself within two minutes');
}

async function isRunning(host: Sandbox): Promise<boolean> {
  return (await processesOf(host)).some(
    ({ command }) => /foobar-provision\/runs\/\S+\/script/.test(command) && command.startsWith('/bin/sh'),
  );
}

async function runs(host: Sandbox): Promise<readonly string[]> {
  return readdir(join(host.root, 'var/lib/foobar-provision/runs')).catch(() => []);
}

/** Returns the journal of the run that is not among `before`, with apt's progress in it. */
async function journal(host: Sandbox, before: ReadonlySet<string>): Promise<readonly string[]> {
  const run = (await runs(host)).find((name) => !before.has(name));
  if (!run) return [];
  const text = await readFile(join(host.root, 'var/lib/foobar-provision/runs', run, 'journal'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

async function reachedInstant(host: Sandbox, before: ReadonlySet<string>, instant: Instant, over: Promise<boolean>): Promise<void> {
  let stop = false;
  void over.then(() => {
    stop = true;
  });
  const has = async (line: RegExp) => (await journal(host, before)).some((text) => line.test(text));
  const isReached = () => {
    if ('arriving' in instant) return isArriving(host);
    if ('unpacking' in instant) return has(new RegExp(`^(pmstatus:${instant.unpacking}:[^:]*:Unpacking|end)`));
    if ('beginning' in instant) return has(new RegExp(`^(begin\t\\d+\t${instant.beginning}$|end)`));
    return has('ms' in instant ? /^start\t/ : new RegExp(`^(begin\t${instant.step}\t|end)`));
  };
  while (!stop && !(await isReached())) await sleep(4);
  if ('ms' in instant) await Promise.race([over, sleep(instant.ms)]);
}

async function isArriving(host: Sandbox): Promise<boolean> {
  const names = await readdir(join(host.root, 'var/lib/foobar-provision/incoming')).catch(() => []);
  return names.some((name) => name.endsWith('.part'));
}

/** Applies once more. Afterwards the host must be as if nothing had happened. */
export async function once(host: Sandbox, args: readonly string[]): Promise<Ended> {
  await age(host);
  return cli(host, 'apply', ['--yes', ...args]);
}

/**
 * Makes all former releases old. One that was live a minute ago is kept for requests in progress, so which releases are kept would depend on
 * seconds.
 */
export async function age(host: Sandbox): Promise<void> {
  await exec(host, 'rm -f /var/lib/foobar-provision/releases/*/left');
}
