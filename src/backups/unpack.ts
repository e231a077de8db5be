import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Problem } from '../error.ts';

/**
 * Unpacks a backup into a new or empty folder. It has the folder's name when it is complete. `send` writes the archive, and throws if that
 * fails.
 */
export async function unpackInto(folder: string, send: (output: Writable) => Promise<void>): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  if (names.length > 0)
    throw new Problem({ message: `${folder} is not empty.`, hint: 'Name another folder with --to, or remove what is in it.' });
  const part = `${folder.replace(/\/+$/, '')}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true, mode: 0o700 });
  try {
    // The passwords of the site stay in the repository.
    const tar = spawn('tar', ['-xf', '-', '-C', part, '--strip-components=1', '--no-same-owner', '--exclude=site/about/secrets'], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    // A tar that ends early is reported by its exit code.
    tar.stdin.on('error', () => {});
    const ended = once(tar, 'close');
    const said = text(tar.stderr);
    await Promise.all([send(tar.stdin), ended]);
    if (tar.exitCode !== 0)
      throw new Problem({
        message: `${folder} could not be written.`,
        stderr: (await said).trim(),
        hint: 'Make room, or name another folder.',
      });
    await rm(folder, { recursive: true, force: true });
    await rename(part, folder);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  }
}
