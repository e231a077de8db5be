import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../error.ts';
import { publishVerb } from './publish.ts';
import type { State } from './state.ts';

/** A publisher that has not printed its port after this many seconds has failed. */
const startTimeoutSeconds = 20;

type Publish = NonNullable<State['publish']>;

/** Starts the publisher of a host in a session of its own, unless it runs already, and returns it with its port. */
export async function startPublisher(name: string, publish: Publish): Promise<Publish> {
  if (await isPublisher(name, publish.pid)) return publish;
  const child = spawn(process.execPath, [...publish.spawnSelf, name], { detached: true, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stderr: '' };
  child.stderr.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  const line = once(createInterface({ input: child.stdout }), 'line');
  const [port] = await Promise.race([line, once(child, 'exit'), sleep(startTimeoutSeconds * 1000, [], { ref: false })]);
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
  if (typeof port === 'string' && child.pid !== undefined) return { ...publish, pid: child.pid, port: Number(port) };
  child.kill();
  throw new Problem({ message: `Could not publish the sandbox ${name}.`, stderr: output.stderr.trim() });
}

/** Stops the publisher and waits until it has ended. */
export async function stopPublisher(name: string, publish: Publish): Promise<void> {
  const { pid } = publish;
  if (pid === undefined || !(await isPublisher(name, pid))) return;
  process.kill(pid, 'SIGTERM');
  for (let attempts = 100; attempts > 0 && (await isPublisher(name, pid)); attempts--) await sleep(20);
  if (await isPublisher(name, pid)) process.kill(pid, 'SIGKILL');
}

/** Resolves to whether that process is still this host's publisher. The system reuses the id of a process that has ended. */
async function isPublisher(name: string, pid: number | undefined): Promise<boolean> {
  if (pid === undefined) return false;
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  return words.includes(name) && words.includes(publishVerb);
}
