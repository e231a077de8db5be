import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../error.ts';
import { processesOf } from './cgroup.ts';
import type { HostPaths } from './paths.ts';
import type { Slot } from './slot.ts';
import { searchPath } from './system.ts';

export interface Machine {
  readonly name: string;
  readonly paths: HostPaths;
  readonly slot: Slot;
  /** The paths of the cgroups in which it starts. */
  readonly groups: readonly string[];
}

/** A host without a process 1 has failed to boot after this many seconds. */
const bootTimeoutSeconds = 20;

/**
 * Starts nspawn in the cgroups that are named before `--`, and restarts it when the host asks for a reboot, which nspawn
 * reports by exit code 133. The shell stays outside: a cgroup that contains cgroups should hold no process of its own.
 */
const supervise = `
boot() { while [ "$1" != -- ]; do echo 0 >"$1/cgroup.procs" || exit; shift; done; shift; exec "$@"; }
(boot "$@")
while [ $? = 133 ]; do (boot "$@"); done`;

/**
 * Boots the host's file tree in a session of its own, so that it outlives this process, and returns the id of its process 1.
 * systemd's ENVIRONMENT.md explains the two variables: newer systemd refuses the older cgroup hierarchy, and a server may
 * change its own net.* settings.
 */
export async function start(machine: Machine): Promise<number> {
  const console = await open(machine.paths.console, 'a');
  const child = spawn('/bin/sh', ['-c', supervise, 'sh', ...machine.groups, '--', 'systemd-nspawn', ...nspawnOptions(machine)], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', console.fd, console.fd],
    env: { PATH: searchPath, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1', SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network' },
  });
  child.unref();
  await console.close();
  return firstProcess(machine, child);
}

function nspawnOptions({ name, paths, slot }: Machine): readonly string[] {
  return [
    ...['--boot', '--directory', paths.root, '--machine', name],
    // No service manager on this machine needs to know about it: we create and remove its cgroup.
    ...['--register=no', '--keep-unit', '--link-journal=no'],
    // The host has a network of its own, so its root may do what it may on a server, including its firewall.
    ...[`--network-namespace-path=/run/netns/${slot.namespace}`, '--capability=CAP_NET_ADMIN', '--resolv-conf=off'],
    ...['--console=pipe', '--quiet'],
  ];
}

async function firstProcess({ name, paths }: Machine, child: ChildProcess): Promise<number> {
  for (let attempts = bootTimeoutSeconds * 50; attempts > 0 && child.exitCode === null && child.signalCode === null; attempts--) {
    const pid = await processOne(name);
    if (pid !== undefined && (await isBooting(pid))) return pid;
    await sleep(20);
  }
  throw new Problem({ message: `The host ${name} did not boot.`, stderr: await consoleTail(paths) });
}

/** Resolves to whether process 1 runs the host's own program. Until then it is a copy of the supervisor that still mounts things. */
async function isBooting(pid: number): Promise<boolean> {
  const program = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '(gone)');
  return !/^(systemd-nspawn|\()/.test(program);
}

/** Returns the last lines that the host or its supervisor wrote to the console. */
export async function consoleTail(paths: HostPaths): Promise<string> {
  const text = await readFile(paths.console, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-10).join('\n');
}

/** Returns the id of the host's process 1 on this machine, or undefined if the host is off. */
export async function processOne(name: string): Promise<number | undefined> {
  const depth = namespaceIds(await readFile('/proc/self/status', 'utf8')).length;
  for (const pid of await processesOf(name)) {
    const ids = namespaceIds(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''));
    if (ids.length === depth + 1 && ids.at(-1) === 1) return pid;
  }
  return undefined;
}

/** Reads a process's ids from a /proc/PID/status text: ours first, then the one in each inner namespace (proc_pid_status(5)). */
export function namespaceIds(status: string): readonly number[] {
  return (/^NSpid:(.*)$/m.exec(status)?.[1] ?? '')
    .trim()
    .split(/\s+/)
    .filter((id) => id !== '')
    .map(Number);
}
