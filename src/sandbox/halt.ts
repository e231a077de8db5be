import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../error.ts';
import { freeze, processesOf } from './cgroup.ts';
import { processOne } from './machine.ts';

/**
 * Ends every process of the host as a power cut does, all at one instant and none of them told, and waits until the last is gone.
 * Without its process 1 the kernel ends all others, though not before it has closed that one's files: they stand still meanwhile, as
 * otherwise they would see systemd go and still have the time to act on it. The supervisor then tidies up and ends by itself.
 */
export async function halt(name: string): Promise<void> {
  const init = await processOne(name);
  if (init !== undefined) {
    await freeze(name);
    kill(init);
    if (await empty(name, 10)) return;
  }
  for (const pid of await processesOf(name)) kill(pid);
  if (await empty(name, 10)) return;
  throw new Problem({ message: `the host ${name} does not end`, hint: `Its processes: ${(await processesOf(name)).join(', ')}.` });
}

async function empty(name: string, seconds: number): Promise<boolean> {
  for (let left = seconds * 50; left > 0; left--) {
    if ((await processesOf(name)).length === 0) return true;
    await sleep(20);
  }
  return false;
}

/** It may have ended just now, which is what we want. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
