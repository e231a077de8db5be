import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Problem } from '../error.ts';

/**
 * Unpacks a backup into a new or empty folder. `send` writes the tar archive, and rejects if that fails. The files are in `FOLDER.part` until
 * they are complete. `depth` is the number of folders above the files in the archive.
 */
export async function unpackInto(folder: string, send: (output: Writable) => Promise<void>, depth = 1): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  if (names.length > 0)
    throw new Problem({ message: `${folder} is not empty.`, hint: 'Name another folder with --to, or empty this one.' });
  const part = `${folder.replace(/\/+$/, '')}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true, mode: 0o700 });
  try {
    // Leave out the site's passwords. They stay in the repository.
    const tar = spawn('tar', ['-xf', '-', '-C', part, `--strip-components=${depth}`, '--no-same-owner', '--exclude=site/about/secrets'], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    // Ignore write errors, because the exit code shows that tar has ended early.
    tar.stdin.on('error', () => {});
    const ended = once(tar, 'close');
    const said = text(tar.stderr);
    await Promise.all([send(tar.stdin), ended]);
    if (tar.exitCode !== 0)
      throw new Problem({
        message: `${folder} could not be written.`,
        stderr: (await said).trim(),
        hint: 'Free some disk space, or name another folder.',
      });
    await rm(folder, { recursive: true, force: true });
    await rename(part, folder);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  }
}
