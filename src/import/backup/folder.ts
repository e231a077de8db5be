import { constants } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOf, type Item } from '../listing.ts';
import { type Container, limits, tooLarge } from './container.ts';

/** Returns a folder with the files of a site. No link in it is followed. */
export function folderContainer(folder: string): Container {
  return {
    name: folder,
    async walk(visit, signal) {
      let number = 0;
      const pending: string[] = [''];
      for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
        const names = (await readdir(join(folder, below))).sort();
        for (const name of names) {
          signal.throwIfAborted();
          if (number >= limits.entries) throw tooLarge(folder);
          const path = below === '' ? name : `${below}/${name}`;
          const item = await itemAt(folder, path);
          if (!item) continue;
          if (item.type === 'folder') pending.push(path);
          const answer = await visit(item, number, async () => {
            const file = await open(join(folder, path), constants.O_RDONLY | constants.O_NOFOLLOW);
            return file.createReadStream();
          });
          if (answer === 'stop') return;
          number += 1;
        }
      }
    },
  };
}

async function itemAt(folder: string, path: string): Promise<Item | undefined> {
  const whole = join(folder, path);
  const stats = await lstat(whole).catch(() => undefined);
  if (!stats) return undefined;
  const type = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'other';
  return {
    path: bytesOf(path),
    type,
    size: type === 'file' ? stats.size : 0,
    seconds: Math.floor(stats.mtimeMs / 1000),
    mode: stats.mode & 0o777,
    target: type === 'link' ? bytesOf(await readlink(whole)) : '',
  };
}
