import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod/mini';
import { Problem } from '../error.ts';
import type { Item } from './listing.ts';

const files = z.record(z.string(), z.tuple([z.number(), z.number()]));

const schema = z.object({
  /** The application's files that were copied to this machine: their size and time on the old server. */
  application: files,
  /** The same for the files that were copied to the new server. */
  shared: files,
  /** `begun` while the new server's database is filled, `copied` once it is complete. */
  database: z.optional(z.enum(['begun', 'copied'])),
  /** True once everything was copied. */
  isComplete: z.boolean(),
});

/** What earlier imports of a site have copied, so that the next one copies only what has changed, and replaces only what an import has written. */
export interface ImportRecord {
  application: Record<string, [size: number, seconds: number]>;
  shared: Record<string, [size: number, seconds: number]>;
  database?: 'begun' | 'copied' | undefined;
  isComplete: boolean;
}

/** Reads the record of a site. Resolves to undefined if nothing was imported yet. */
export async function readRecord(path: string): Promise<ImportRecord | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Problem({
      message: `${path}, which records what was imported, cannot be read.`,
      hint: 'Remove it, and name another folder for the application with --app.',
      cause,
    });
  }
}

/** Writes the record, which names files of the site, for its owner only. */
export async function writeRecord(path: string, record: ImportRecord): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Returns the record of these files. */
export function recordOf(items: readonly Item[]): Record<string, [number, number]> {
  return Object.fromEntries(items.flatMap(({ path, type, size, seconds }) => (type === 'file' ? [[path, [size, seconds]]] : [])));
}

/** Returns whether a file still has the recorded size and time. */
export function isAsRecorded(recorded: readonly [number, number] | undefined, file: Pick<Item, 'size' | 'seconds'> | undefined): boolean {
  return recorded !== undefined && file !== undefined && recorded[0] === file.size && recorded[1] === file.seconds;
}
