import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The first of these programs that this machine has. */
export function installed(...programs: readonly string[]): string | undefined {
  return programs.find((program) => existsSync(program));
}

export interface Daemon {
  readonly folder: string;
  /** Ends the process, by its id, and removes the folder. */
  readonly stop: () => Promise<void>;
}

/** A folder of a daemon's own, away from everything that the machine runs itself. */
export function ownFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'health-'));
}

/** Runs a server in the foreground until its socket exists. Rejects with its output if it ends before. */
export async function start(folder: string, program: string, args: readonly string[], socket: string): Promise<Daemon> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
  for (let tries = 0; !existsSync(socket); tries += 1) {
    if (child.exitCode !== null || tries > 600) throw new Error(`${program} did not start:\n${Buffer.concat(said)}`);
    await sleep(50);
  }
  return { folder, stop: () => stop(child, folder) };
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await over;
  await rm(folder, { recursive: true, force: true });
}
