import { readdir, readFile } from 'node:fs/promises';
import type { Sandbox } from '../../src/sandbox/index.ts';

export interface HostProcess {
  /** As this machine numbers it. */
  readonly pid: number;
  readonly command: string;
}

/** The processes of a host, seen from this machine: those of its control group. */
export async function processesOf(host: Sandbox): Promise<readonly HostProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid): Promise<HostProcess[]> => {
      const [group, command] = await Promise.all(
        ['cgroup', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
      );
      return group?.includes(`foobar-sandbox-${host.name}/`) || group?.includes(`foobar-sandbox-${host.name}\n`)
        ? [{ pid: Number(pid), command: (command ?? '').replaceAll('\0', ' ').trim() }]
        : [];
    }),
  );
  return found.flat();
}

/** Ends those whose command matches, by their pid, without warning. Returns how many there were. */
export async function killOnHost(host: Sandbox, command: RegExp): Promise<number> {
  const found = (await processesOf(host)).filter((each) => command.test(each.command));
  for (const { pid } of found) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself meanwhile.
    }
  }
  return found.length;
}
