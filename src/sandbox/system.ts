import { createInterface } from 'node:readline';
import { $ } from 'zx/core';
import { Problem } from '../error.ts';
import type { Progress } from './sandbox.ts';

/** The search path for programs, with sbin: a user who became root with `su` lacks it, and the network tools are there. */
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

/** Runs a program on this machine with empty input, and returns its output and exit code, which is 1 if a signal ended it. */
export async function attempt(words: readonly string[], onStderr?: Progress): Promise<SystemOutput> {
  const running = local`${words}`;
  if (onStderr) createInterface({ input: running.stderr }).on('line', onStderr);
  const { stdout, stderr, exitCode } = await running;
  return { stdout, stderr, code: exitCode ?? 1 };
}

/** Runs a program and returns its output. Rejects with a Problem if it fails; `purpose` completes the sentence "Could not …". */
export async function system(purpose: string, words: readonly string[], onStderr?: Progress): Promise<string> {
  const { stdout, stderr, code } = await attempt(words, onStderr);
  if (code === 0) return stdout;
  throw new Problem({
    message: `Could not ${purpose}.`,
    command: words.join(' '),
    commandExit: code,
    stderr: stderr.trim().split('\n').slice(-10).join('\n'),
  });
}
