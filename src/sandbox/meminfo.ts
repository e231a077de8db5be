import { readFile, rm, writeFile } from 'node:fs/promises';
import { system } from './system.ts';

/**
 * Returns the /proc/meminfo of a server with this much memory and no swap. A cgroup limits a host but does not change
 * what it sees, and services are sized by what they see. `mebibytes` is the total.
 */
export function meminfoOf(machine: string, mebibytes: number): string {
  const kibibytes = mebibytes * 1024;
  const values: Readonly<Record<string, number>> = {
    MemTotal: kibibytes,
    MemFree: Math.round(kibibytes * 0.8),
    MemAvailable: Math.round(kibibytes * 0.9),
    SwapTotal: 0,
    SwapFree: 0,
  };
  return machine.replace(/^(\w+):(\s+)\d+ kB$/gm, (line, name: string) => {
    const value = values[name];
    return value === undefined ? line : `${`${name}:`.padEnd(16)}${String(value).padStart(8)} kB`;
  });
}

/**
 * Mounts such a /proc/meminfo on a host that has just started, before its services read it. The mount needs a file inside the host,
 * which is unlinked afterwards.
 */
export async function showMemory(pid: number, mebibytes: number): Promise<void> {
  const file = '/run/sandbox-meminfo';
  const place = `/proc/${pid}/root${file}`;
  await writeFile(place, meminfoOf(await readFile('/proc/meminfo', 'utf8'), mebibytes), { mode: 0o444 });
  const mount = ['mount', '--bind', file, '/proc/meminfo'];
  await system('limit the memory that the host sees', ['nsenter', '--target', String(pid), '--mount', ...mount]);
  await rm(place);
}
