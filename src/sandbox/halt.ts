import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../error.ts';
import { freeze, processesOf } from './cgroup.ts';
import { processOne } from './machine.ts';

/**
 * Kills every process of the host at the same instant and without warning, as a power cut does, and waits until the last has ended.
 * When process 1 dies, the kernel kills all others, but only after it has closed the files of process 1. They are frozen meanwhile,
 * because otherwise they would notice that systemd is gone and have time to react. The supervisor then cleans up and ends by itself.
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
  throw new Problem({ message: `The host ${name} does not stop.`, hint: `Kill its processes: ${(await processesOf(name)).join(', ')}.` });
}

async function empty(name: string, seconds: number): Promise<boolean> {
  for (let attempts = seconds * 50; attempts > 0; attempts--) {
    if ((await processesOf(name)).length === 0) return true;
    await sleep(20);
  }
  return false;
}

/** Kills a process, and ignores that it has already ended. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
