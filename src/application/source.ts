import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Problem } from '../error.ts';
import type { Recognized } from './detect.ts';
import { digestOf, type Entry, filesIn, listOf } from './file-list.ts';
import { hashFiles } from './hashes.ts';
import { type SentFiles, sentFiles } from './sent-files.ts';
import type { SentOptions } from './sent-options.ts';

/** The application's files on this machine, read once before the playbooks run. */
export interface Source {
  /** The folder that is sent. */
  readonly folder: string;
  /** The files to send: paths below the folder, with `/` as the separator, sorted by their bytes. */
  readonly entries: readonly Entry[];
  /** The targets of the links among them, by path. */
  readonly links: Readonly<Record<string, string>>;
  /** The text of the files that are not in the folder but are added for this kind of application, by path. */
  readonly texts: Readonly<Record<string, string>>;
  /** The total size in bytes. */
  readonly size: number;
  /** The size of each file that is not empty, by path. */
  readonly sizes: ReadonlyMap<string, number>;
  /** SHA-256 of their list (see `listOf`): the same files give the same release. */
  readonly digest: string;
  /** The subfolder that nginx serves; `.` for the whole folder. */
  readonly docroot: string;
  /** Whether file contents are compared instead of timestamps, here and on the host. */
  readonly checksum?: boolean;
  /** The application as detected from its files. */
  readonly recognized: Recognized;
  /** The git repository from which it was fetched; absent for a plain folder. */
  readonly origin?: { readonly url: string; readonly ref: string; readonly commit: string };
  /** The names of `migrations/*.sql` in order, each with the SHA-256 of its content. */
  readonly migrations: readonly { readonly name: string; readonly digest: string }[];
  /** The same for `migrations/after/*.sql`, which remove what the previous release still needed. */
  readonly contractions: readonly { readonly name: string; readonly digest: string }[];
}

export interface SourceOptions extends SentOptions {
  readonly build?: readonly string[] | undefined;
  readonly checksum?: boolean | undefined;
  /** Set if the application is only inspected and not sent. It is then not built, and files that the build creates may be missing. */
  readonly sendsNothing?: true | undefined;
}

/**
 * Builds the application, then reads the files to send. Rejects with a Problem if the folder does not exist or contains something that
 * cannot be sent.
 */
export async function readSource(folder: string, options: SourceOptions, onLine: (line: string) => void): Promise<Source> {
  await requireApplicationFolder(folder);
  const isSent = options.sendsNothing !== true;
  if (isSent && options.build && options.build.length > 0) await (await import('./build.ts')).build(folder, options.build, onLine);
  const { found, recognized } = isSent ? await builtFiles(folder, options, onLine) : await sentFiles(folder, options);
  const files = filesIn(found);
  if (isSent && files.length === 0)
    throw new Problem({
      message: `${folder} has no files to send.`,
      hint: 'Name the folder that holds the application, or check what app.exclude and .deployignore leave out.',
    });
  const { docroot } = recognized;
  if (isSent && docroot !== '.' && !files.some(({ path }) => path.startsWith(`${docroot}/`)))
    throw new Problem({
      message: `app.docroot is ${docroot}, but the files to send have no such folder.`,
      hint: 'Correct app.docroot, or check what app.exclude and .deployignore leave out.',
    });
  const entries = await hashFiles(folder, found, options.checksum !== true);
  return {
    folder,
    entries,
    links: Object.fromEntries(found.flatMap(({ path, target }) => (target === undefined ? [] : [[path, target]]))),
    texts: Object.fromEntries(found.flatMap(({ path, text }) => (text === undefined ? [] : [[path, text]]))),
    size: files.reduce((sum, { size }) => sum + size, 0),
    sizes: new Map(files.flatMap(({ path, size }): [string, number][] => (size > 0 ? [[path, size]] : []))),
    digest: digestOf(listOf(entries)),
    docroot,
    ...(options.checksum && { checksum: true }),
    recognized,
    migrations: await migrationsOf(folder, entries, 'migrations'),
    contractions: await migrationsOf(folder, entries, 'migrations/after'),
  };
}

/** Resolves to the files to send. If the configuration names no build, and a runtime needs one, the application is built first. */
async function builtFiles(folder: string, options: SourceOptions, onLine: (line: string) => void): Promise<SentFiles> {
  const sent = await sentFiles(folder, options);
  const { build } = sent.recognized;
  if (options.build !== undefined || build === undefined || existsSync(join(folder, build.makes))) return sent;
  await (await import('./build.ts')).build(folder, build.commands, onLine);
  return sentFiles(folder, options);
}

/** Detects the application in a folder. Resolves to undefined if its files cannot be read. */
export async function recognizedIn(folder: string): Promise<Recognized | undefined> {
  try {
    return (await sentFiles(folder, {})).recognized;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/** Rejects with a Problem unless the folder exists and is a folder. */
export async function requireApplicationFolder(folder: string): Promise<void> {
  const stats = await stat(folder).catch(() => undefined);
  if (!stats)
    throw new Problem({
      message: `There is no application folder ${folder}.`,
      hint: 'Name the folder with --app DIR, or as app.source in the configuration.',
    });
  if (!stats.isDirectory())
    throw new Problem({
      message: `${folder} is not a folder.`,
      hint: 'The application is a folder: name the one that holds its files.',
    });
}

async function migrationsOf(folder: string, entries: readonly Entry[], parent: string): Promise<Source['migrations']> {
  const paths = entries.flatMap(({ path, type }) =>
    type !== 'l' && type !== 'd' && path.endsWith('.sql') && dirname(path) === parent ? [path] : [],
  );
  return Promise.all(
    paths.map(async (path) => {
      const name = path.slice('migrations/'.length);
      if (!/^[A-Za-z0-9_./-]{1,190}$/.test(name))
        throw new Problem({
          message: `The migration ${JSON.stringify(name)} has a name that cannot be recorded.`,
          hint: 'Use at most 190 letters, digits, dots, dashes and underscores.',
        });
      return {
        name,
        digest: createHash('sha256')
          .update(await readFile(join(folder, path)))
          .digest('hex'),
      };
    }),
  );
}
