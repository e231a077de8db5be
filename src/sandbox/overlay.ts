import { chmod, mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { mounts } from './mounts.ts';
import type { HostPaths } from './paths.ts';
import { attempt, system } from './system.ts';

function mounted(target: string): boolean {
  return mounts().some((mount) => mount.target === target);
}

/** Mounts the host's file tree: its own layer over the base system. Nothing happens where it is mounted. */
export async function mountTree(paths: HostPaths, base: string): Promise<void> {
  if (mounted(paths.root)) return;
  await Promise.all([paths.upper, paths.work, paths.root].map((directory) => mkdir(directory, { recursive: true })));
  // The upper directory is the host's `/`, whose mode must not follow our umask.
  await chmod(paths.upper, 0o755);
  const options = `lowerdir=${base},upperdir=${paths.upper},workdir=${paths.work}`;
  await system('mount the file tree of the host', ['mount', '-t', 'overlay', 'overlay', '-o', options, paths.root]);
}

/** Unmounts it; a reader of a file in it is given a few seconds to finish. */
export async function unmountTree(paths: HostPaths): Promise<void> {
  for (let left = 50; left > 0 && mounted(paths.root); left--) {
    const { code } = await attempt(['umount', paths.root]);
    if (code !== 0) await sleep(100);
  }
  if (mounted(paths.root)) await system(`unmount ${paths.root}`, ['umount', paths.root]);
}
