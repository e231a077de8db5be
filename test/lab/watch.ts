import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder } from './cli.ts';

export interface Watch {
  /** All that was seen, NUL bytes and all, and how often it was looked for. */
  stop(): Promise<{ readonly seen: string; readonly looks: number }>;
}

/**
 * Reads the arguments and the environment of every process of this machine, and so of its sandboxes, several hundred times a second.
 * It does so in a process of its own: the one that waits for the program under test is busy with its output.
 */
export async function watchProcesses(): Promise<Watch> {
  const file = join(folder(), 'seen');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'watcher.mjs'), file], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    async stop() {
      const counted = once(child.stdout, 'data');
      child.stdin.end();
      const [looks] = await counted;
      return { seen: readFileSync(file, 'latin1'), looks: Number(String(looks)) };
    },
  };
}
