import { createInterface } from 'node:readline';
import { $ } from 'zx/core';
import { Problem } from '../error.ts';
import type { Progress } from './sandbox.ts';

/** A login that became root with `su` has no sbin in its path, and the network's tools are there. */
export const searchPath = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`;

const local = $({
  quiet: true,
  nothrow: true,
  stdio: ['ignore', 'pipe', 'pipe'],
  env: { ...process.env, PATH: searchPath, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
});

export interface SystemOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Runs a program of this machine, its input empty, and tells how it ended; an ending by a signal is code 1. */
export async function attempt(words: readonly string[], onStderr?: Progress): Promise<SystemOutput> {
  const running = local`${words}`;
  if (onStderr) createInterface({ input: running.stderr }).on('line', onStderr);
  const { stdout, stderr, exitCode } = await running;
  return { stdout, stderr, code: exitCode ?? 1 };
}

/** The same, where anything but success is a Problem. `purpose` completes "could not ...". */
export async function system(purpose: string, words: readonly string[], onStderr?: Progress): Promise<string> {
  const { stdout, stderr, code } = await attempt(words, onStderr);
  if (code === 0) return stdout;
  throw new Problem({
    message: `could not ${purpose}`,
    command: words.join(' '),
    commandExit: code,
    stderr: stderr.trim().split('\n').slice(-10).join('\n'),
  });
}
