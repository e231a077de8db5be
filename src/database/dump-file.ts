import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { messageOf, Problem } from '../error.ts';

/**
 * Creates a file that only this user can read, with the content that `write` writes, and resolves to the result of `write`. The file has a
 * temporary name until `write` resolves. If `write` fails, the file is removed.
 */
export async function writeWhole<T>(path: string, write: (output: Writable) => Promise<T>): Promise<T> {
  const unfinished = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.part`);
  // Open it before anything else, so that it exists if it has to be removed.
  const created = await open(unfinished, 'wx', 0o600).catch((cause: unknown) => {
    throw unwritable(path, cause);
  });
  const output = created.createWriteStream({ highWaterMark: 1_048_576 });
  let failure: unknown;
  output.on('error', (error) => {
    failure ??= error;
  });
  try {
    const result = await write(output);
    const file = await open(unfinished, 'r+');
    await file.sync().finally(() => file.close());
    await rename(unfinished, path);
    return result;
  } catch (error) {
    output.destroy();
    await rm(unfinished, { force: true });
    throw failure !== undefined && failure === error ? unwritable(path, error) : error;
  }
}

function unwritable(path: string, cause: unknown): Problem {
  return new Problem({
    message: `${path} cannot be written: ${messageOf(cause)}.`,
    hint: 'Name a file in a folder that you may write to, on a disk with enough space.',
    cause,
  });
}
