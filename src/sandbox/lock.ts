import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from '../error.ts';

/** Milliseconds after which a wait is worth a word. */
const silence = 500;

/**
 * Runs an action while it alone holds the lock file. The kernel holds the lock for a child whose input is our pipe,
 * so it is gone as soon as this process is, however it ended. `onWait` is called where someone else has it.
 */
export async function locked<T>(file: string, onWait: () => void, action: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const holder = spawn('flock', ['--no-fork', file, 'sh', '-c', 'echo held; exec cat >/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(holder, 'exit');
  const waiting = setTimeout(onWait, silence);
  try {
    await Promise.race([once(holder.stdout, 'data'), ended.then(refuse(file))]);
    clearTimeout(waiting);
    return await action();
  } finally {
    clearTimeout(waiting);
    holder.stdin.end();
    await ended.catch(() => undefined);
  }
}

function refuse(file: string) {
  return () => {
    throw new Problem({ message: `could not lock ${file}`, hint: 'Check that the directory is writable and its disk is not full.' });
  };
}
