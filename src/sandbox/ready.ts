import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../error.ts';
import { consoleTail } from './machine.ts';
import { hostPaths } from './paths.ts';
import type { Sandbox } from './sandbox.ts';
import { sshArguments } from './ssh.ts';
import { attempt } from './system.ts';

/** A host on which root cannot log in after this many seconds has failed to boot. */
const loginTimeoutSeconds = 60;

/**
 * Waits until root can log in. It reads the kernel's table of listening ports instead of connecting, because sshd penalizes
 * addresses that connect without logging in.
 */
export async function loginReady(sandbox: Sandbox): Promise<void> {
  const deadline = performance.now() + loginTimeoutSeconds * 1000;
  while (performance.now() < deadline) {
    if (await listens(sandbox.pid, sandbox.port)) {
      const { code } = await attempt(['ssh', ...sshArguments(sandbox), 'true']);
      if (code === 0) return;
    }
    await sleep(30);
  }
  throw new Problem({
    message: `The host ${sandbox.name} booted, but root cannot log in after ${loginTimeoutSeconds} s.`,
    stderr: await consoleTail(hostPaths(sandbox.name)),
  });
}

async function listens(pid: number, port: number): Promise<boolean> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '')));
  return tables.some((table) => isListening(table, port));
}

/** Returns whether a /proc/net/tcp text has a listener on the port: state 0A, addresses in hexadecimal (proc_net(5)). */
export function isListening(table: string, port: number): boolean {
  const local = port.toString(16).toUpperCase().padStart(4, '0');
  return new RegExp(`^\\s*\\d+: [0-9A-F]+:${local} \\S+ 0A `, 'm').test(table);
}
