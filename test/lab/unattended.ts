import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { down, type Sandbox, up } from '../../src/sandbox/index.ts';
import { ask } from './ask.ts';
import { cli, folder, start } from './cli.ts';
import { differences, fingerprint } from './fingerprint.ts';
import { exec } from './host.ts';
import { killOnHost } from './processes.ts';

/** How a first run comes to be nobody's: its client dies, its connection ends, or the host lets nobody in any more. */
const losses = ['client', 'connection', 'refused'] as const;
type Loss = (typeof losses)[number];

/** The firewall and sshd are set up too: what may close SSH access is what makes a lost client count. */
const site = {
  domain: 'foobar.com',
  php: { extensions: [] },
  host: { upgrades: false, limits: false, passwords: false, integrity: false, sandbox: false },
};

/** Milliseconds more than an undisturbed run takes, within which the site of a lost one has to answer. */
const grace = 60_000;

/** Random numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Loses this many first runs at random instants, in ways that take turns, and gives no further command: the site has to answer all the
 * same. Then one command, after which the host has to be like one that nobody disturbed.
 */
export async function loseFirstRuns(
  count: number,
  seed: number,
  include: readonly string[],
  kinds: readonly Loss[] = losses,
): Promise<void> {
  const random = randomFrom(seed);
  const cwd = folder({ 'foobar.config.json': JSON.stringify(site) });
  const bare = () => up({ suite: 'trixie', include });
  const reference = await bare();
  try {
    const began = performance.now();
    const undisturbed = await cli(reference, 'apply', ['--yes'], { cwd });
    const usual = performance.now() - began;
    expect(undisturbed.code, undisturbed.stderr).toBe(0);
    const like = await fingerprint(reference);
    for (let n = 0; n < count; n += 1) {
      const loss = kinds[n % kinds.length] ?? 'client';
      const at = random() * usual;
      const host = await bare();
      try {
        const told = `first run ${n + 1} of ${count} lost after ${Math.round(at)} of ${Math.round(usual)} ms by ${loss}, seed ${seed}`;
        process.stderr.write(`${told}\n`);
        const isBegun = await lose(host, cwd, loss, at);
        if (isBegun) {
          await expect
            .poll(async () => (await ask(host.address, 'www.foobar.com'))?.status, { timeout: usual + grace, interval: 500, message: told })
            .toBe(200);
          await over(host, usual + grace);
        }
        inside(host, ['systemctl', 'start', 'ssh']);
        const next = await cli(host, 'apply', ['--yes'], { cwd });
        expect(next.code, `${told}\n${next.stderr}`).toBe(0);
        expect(differences(like, await fingerprint(host)), told).toEqual([]);
      } finally {
        await down(host.name);
      }
    }
  } finally {
    await down(reference.name);
  }
}

/** Whether the host had been handed its run by then: one that never came to it is the client's alone. */
async function lose(host: Sandbox, cwd: string, loss: Loss, ms: number): Promise<boolean> {
  const { child, ended } = start(host, 'apply', ['--yes'], { cwd });
  await Promise.race([ended, sleep(ms)]);
  const isBegun = (await exec(host, 'ls /var/lib/foobar-provision/runs/*/journal 2>/dev/null')).stdout !== '';
  if (loss === 'client') child.kill('SIGKILL');
  if (loss === 'connection') await killOnHost(host, /^sshd(-session)?: root/);
  if (loss === 'refused') inside(host, ['systemctl', 'stop', 'ssh.socket', 'ssh.service']);
  if (loss !== 'client') await Promise.race([ended, sleep(1000)]);
  child.kill('SIGKILL');
  await ended;
  return isBegun;
}

/** Until nothing of ours works on the host any more, seen from outside of it. */
async function over(host: Sandbox, milliseconds: number): Promise<void> {
  const units = () => inside(host, ['systemctl', 'is-active', 'foobar-provision-run-*', 'foobar-provision-revert-*']).trim();
  await expect.poll(units, { timeout: milliseconds, interval: 500 }).toBe('');
}

/** Runs a command on a host that lets nobody in. */
function inside(host: Sandbox, words: readonly string[]): string {
  return spawnSync('nsenter', ['-t', String(host.pid), '-a', ...words], { encoding: 'utf8' }).stdout;
}
