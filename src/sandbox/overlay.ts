import { chmod, mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { mounts } from './mounts.ts';
import type { HostPaths } from './paths.ts';
import { attempt, system } from './system.ts';

function isMounted(target: string): boolean {
  return mounts().some((mount) => mount.target === target);
}

/** Mounts the host's file tree, which is its own layer over the base system, unless it is mounted already. */
export async function mountTree(paths: HostPaths, base: string): Promise<void> {
  if (isMounted(paths.root)) return;
  await Promise.all([paths.upper, paths.work, paths.root].map((directory) => mkdir(directory, { recursive: true })));
  // The upper directory is the host's `/`, whose mode must not follow our umask.
  await chmod(paths.upper, 0o755);
  const options = `lowerdir=${base},upperdir=${paths.upper},workdir=${paths.work}`;
  await system('mount the file tree of the host', ['mount', '-t', 'overlay', 'overlay', '-o', options, paths.root]);
}

/** Unmounts the host's file tree. Processes that read a file in it get a few seconds to finish. */
export async function unmountTree(paths: HostPaths): Promise<void> {
  for (let attempts = 50; attempts > 0 && isMounted(paths.root); attempts--) {
    const { code } = await attempt(['umount', paths.root]);
    if (code !== 0) await sleep(100);
  }
  if (isMounted(paths.root)) await system(`unmount ${paths.root}`, ['umount', paths.root]);
}
