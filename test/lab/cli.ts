import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Sandbox } from '../../src/sandbox/index.ts';

const entry = join(import.meta.dirname, '../../dist/bin.mjs');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of `--json`, in their order. */
  readonly events: readonly Record<string, unknown>[];
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts the built program against a sandbox, as a user would, with `--json`. The target is the host unless `args` name another. */
export function start(
  host: Sandbox,
  command: string,
  args: readonly string[] = [],
  options: { readonly cwd?: string; readonly input?: string } = {},
): Started {
  const target = `${host.user}@${host.address}`;
  const words = [entry, command, target, '--identity', host.identity, '--known-hosts', host.knownHosts, '--json', ...args];
  const child = spawn(process.execPath, words, {
    cwd: options.cwd ?? '/',
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, CI: 'true' },
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const closed: Promise<unknown[]> = once(child, 'close');
  const ended = Promise.all([text(child.stdout), text(child.stderr), closed]).then(
    ([stdout, stderr, [code]]): Ended => ({
      code: typeof code === 'number' ? code : null,
      stdout,
      stderr,
      events: stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : [])),
    }),
  );
  return { child, ended };
}

/** The same, to its end. */
export async function cli(
  host: Sandbox,
  command: string,
  args: readonly string[] = [],
  options: { readonly cwd?: string; readonly input?: string } = {},
): Promise<Ended> {
  return start(host, command, args, options).ended;
}

/** The events of one name. */
export function named(ended: Ended, name: string): readonly Record<string, unknown>[] {
  return ended.events.filter(({ event }) => event === name);
}
