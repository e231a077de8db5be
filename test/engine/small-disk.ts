import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** The resource that a disk runs out of. */
export type Room = 'pages' | 'inodes';

/** A separate disk for a folder, of 2 MiB and 400 files; `free` removes it. */
export function smallDisk(folder: string): { readonly free: () => void } {
  mkdirSync(folder, { recursive: true });
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,nr_inodes=400,mode=0755', 'small', folder]);
  if (status !== 0) throw new Error(String(stderr));
  return { free: () => void spawnSync('umount', ['--lazy', folder]) };
}

/** The words before a command that first fill such a disk, except for this number of pages of 4 KiB, or of files. */
export function leaving(room: Room, left: number, folder: string): readonly string[] {
  const fill = {
    pages: `fallocate -l $((($(df --output=avail -k "$0" | tail -n 1) - ${left} * 4) * 1024)) "$0/ballast"`,
    inodes: `mkdir "$0/ballast"; i=$(($(df --output=iavail "$0" | tail -n 1) - ${left})); while [ "$i" -gt 0 ]; do echo "$0/ballast/$i"; i=$((i - 1)); done | xargs touch`,
  }[room];
  return ['sh', '-c', `${fill}\nexec "$@"`, folder];
}
