import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from '../error.ts';

const reportWaitAfterMs = 500;

/**
 * Runs an action while holding the lock file exclusively. A child process whose input is our pipe holds the lock,
 * so the kernel releases it as soon as this process ends, however it ends. `onWait` is called while another process has the lock.
 */
export async function locked<T>(file: string, onWait: () => void, action: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const holder = spawn('flock', ['--no-fork', file, 'sh', '-c', 'echo held; exec cat >/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(holder, 'exit');
  const waiting = setTimeout(onWait, reportWaitAfterMs);
  try {
    await Promise.race([once(holder.stdout, 'data'), ended.then(failToLock(file))]);
    clearTimeout(waiting);
    return await action();
  } finally {
    clearTimeout(waiting);
    holder.stdin.end();
    await ended.catch(() => undefined);
  }
}

function failToLock(file: string) {
  return () => {
    throw new Problem({ message: `Could not lock ${file}.`, hint: 'Check that the directory is writable and its disk is not full.' });
  };
}
