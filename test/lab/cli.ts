import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';

/** The program as it is shipped. */
export const entry = join(import.meta.dirname, '../../dist/bin.mjs');

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

export interface RunOptions {
  /** The working directory; one without a configuration where it is left out. */
  readonly cwd?: string;
  /** What it reads from its standard input, which ends there. */
  readonly input?: string;
  /** Variables besides this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Who logs in; root where it is left out. */
  readonly user?: string;
}

/** Starts the built program with these words, as a user would: a process of its own, without a terminal. */
export function begin(words: readonly string[], { cwd = '/', input = '', env = {} }: RunOptions = {}): Started {
  const child = spawn(process.execPath, [entry, ...words], {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, CI: 'true', ...env },
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
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

/** How the program is told to reach a host. */
export function reaching(host: Sandbox, user = 'root'): readonly string[] {
  return [`${user}@${host.address}`, '--identity', host.identity, '--known-hosts', host.knownHosts];
}

/** Starts a command against a sandbox, with `--json`. */
export function start(host: Sandbox, command: string, args: readonly string[] = [], options: RunOptions = {}): Started {
  return begin([command, ...reaching(host, options.user), '--json', ...args], options);
}

/** The same, to its end. */
export async function cli(host: Sandbox, command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Ended> {
  return start(host, command, args, options).ended;
}

/** The events of one name. */
export function named(ended: Ended, name: string): readonly Record<string, unknown>[] {
  return ended.events.filter(({ event }) => event === name);
}

const temporary = mkdtempSync(join(tmpdir(), 'foobar-lab-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** A folder with these files; it goes when the test file has ended. */
export function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(temporary, 'folder-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}
