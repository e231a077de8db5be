import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../error.ts';
import { publishVerb } from './publish.ts';
import type { State } from './state.ts';

/** Seconds until a publisher that says no port is given up. */
const patience = 20;

type Publish = NonNullable<State['publish']>;

/** Starts the publisher of a host in a session of its own, unless it runs already, and says where it listens. */
export async function startPublisher(name: string, publish: Publish): Promise<Publish> {
  if (await isPublisher(name, publish.pid)) return publish;
  const child = spawn(process.execPath, [...publish.spawnSelf, name], { detached: true, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stderr: '' };
  child.stderr.on('data', (chunk: Buffer) => {
    said.stderr += chunk.toString();
  });
  const line = once(createInterface({ input: child.stdout }), 'line');
  const [port] = await Promise.race([line, once(child, 'exit'), sleep(patience * 1000, [], { ref: false })]);
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
  if (typeof port === 'string' && child.pid !== undefined) return { ...publish, pid: child.pid, port: Number(port) };
  child.kill();
  throw new Problem({ message: `could not publish the sandbox ${name}`, stderr: said.stderr.trim() });
}

/** Ends it and waits until it is gone. */
export async function stopPublisher(name: string, publish: Publish): Promise<void> {
  const { pid } = publish;
  if (pid === undefined || !(await isPublisher(name, pid))) return;
  process.kill(pid, 'SIGTERM');
  for (let left = 100; left > 0 && (await isPublisher(name, pid)); left--) await sleep(20);
  if (await isPublisher(name, pid)) process.kill(pid, 'SIGKILL');
}

/** Whether that process is this host's publisher still: an id is given anew once its process has ended. */
async function isPublisher(name: string, pid: number | undefined): Promise<boolean> {
  if (pid === undefined) return false;
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  return words.includes(name) && words.includes(publishVerb);
}
