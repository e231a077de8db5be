import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../error.ts';
import { type Mount, mounts } from './mounts.ts';

/** The paths at which this machine mounts the cgroup hierarchies that a host needs. */
export interface Hierarchies {
  readonly unified: string;
  /** The v1 hierarchies that nspawn and a memory limit use, on machines that still have them. */
  readonly systemd?: string;
  readonly memory?: string;
}

/** Returns the hierarchies among these mounts, or undefined without cgroup v2. */
export function hierarchiesIn(all: readonly Mount[]): Hierarchies | undefined {
  const unified = all.find(({ type }) => type === 'cgroup2')?.target;
  const v1 = (option: string) => all.find(({ type, options }) => type === 'cgroup' && options.includes(option))?.target;
  const systemd = v1('name=systemd');
  const memory = v1('memory');
  return unified === undefined ? undefined : { unified, ...(systemd && { systemd }), ...(memory && { memory }) };
}

function hierarchies(): Hierarchies {
  const found = hierarchiesIn(mounts());
  if (found) return found;
  throw new Problem({ message: 'No cgroup v2 file system is mounted.', hint: 'Mount one: mount -t cgroup2 cgroup2 /sys/fs/cgroup' });
}

const groupName = (name: string) => `foobar-sandbox-${name}`;

/**
 * Creates the host's own cgroups and returns their paths. In a shared cgroup, services of the same name on all hosts would be
 * one group, and stopping one would wait for the others. `memory` is in MiB; a kernel without a memory controller does not enforce it.
 */
export async function makeGroups(name: string, memory?: number): Promise<readonly string[]> {
  const { unified, ...v1 } = hierarchies();
  const groups = [unified, ...Object.values(v1)].map((hierarchy) => join(hierarchy, groupName(name)));
  await Promise.all(groups.map((group) => mkdir(group, { recursive: true })));
  if (memory !== undefined) await limit(name, memory * 2 ** 20);
  return groups;
}

/** Limits the memory of a host. A v1 controller is not in the v2 tree, so there is at most one place to set the limit. */
async function limit(name: string, bytes: number): Promise<void> {
  const { unified, memory } = hierarchies();
  if (memory !== undefined) return writeFile(join(memory, groupName(name), 'memory.limit_in_bytes'), String(bytes));
  const controllers = await readFile(join(unified, 'cgroup.controllers'), 'utf8');
  if (!controllers.split(/\s/).includes('memory')) return;
  await writeFile(join(unified, 'cgroup.subtree_control'), '+memory');
  await writeFile(join(unified, groupName(name), 'memory.max'), String(bytes));
}

/** Returns the ids of all processes of the host, including the one that started it. */
export async function processesOf(name: string): Promise<readonly number[]> {
  const group = join(hierarchies().unified, groupName(name));
  const lists = await Promise.all(
    (await directoriesFrom(group)).map((directory) => readFile(join(directory, 'cgroup.procs'), 'utf8').catch(() => '')),
  );
  return lists.flatMap((list) =>
    list
      .split('\n')
      .filter((line) => line !== '')
      .map(Number),
  );
}

/** Freezes every process of the host. Frozen processes can still be killed. */
export async function freeze(name: string): Promise<void> {
  const payload = join(hierarchies().unified, groupName(name), 'payload');
  await writeFile(join(payload, 'cgroup.freeze'), '1');
  for (let attempts = 100; attempts > 0; attempts--) {
    if (/^frozen 1$/m.test(await readFile(join(payload, 'cgroup.events'), 'utf8'))) return;
    await sleep(2);
  }
}

/** Removes the cgroups of a host that has ended, inner ones first. The kernel may need a moment to notice that one is empty. */
export async function removeGroups(name: string): Promise<void> {
  const roots = Object.values(hierarchies()).map((hierarchy) => join(hierarchy, groupName(name)));
  for (const root of roots) {
    for (let attempts = 50; existsSync(root); attempts--) {
      for (const directory of (await directoriesFrom(root)).toReversed()) await rmdir(directory).catch(() => undefined);
      if (!existsSync(root)) break;
      if (attempts === 0)
        throw new Problem({ message: `Could not remove the cgroup ${root}.`, hint: 'Something still runs in it: see its cgroup.procs.' });
      await sleep(50);
    }
  }
}

/** Returns a directory and all directories below it, outer ones first; an empty list if it does not exist. */
async function directoriesFrom(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return [];
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => directoriesFrom(join(directory, entry.name)));
  return [directory, ...(await Promise.all(below)).flat()];
}
