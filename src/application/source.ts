import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { Problem } from '../error.ts';
import { type Recognised, recognise } from './detect.ts';
import { digestOf, type Entry, filesIn, listOf } from './file-list.ts';
import { hashed } from './hashes.ts';
import { type Found, filesBelow } from './tree.ts';

/** The application's files as they are on this machine, read once before the playbooks run. */
export interface Source {
  /** The folder that is sent. */
  readonly folder: string;
  /** What is sent: paths below it, with `/` between their parts, sorted by their bytes. */
  readonly entries: readonly Entry[];
  /** What the links among them say, by their paths. */
  readonly links: Readonly<Record<string, string>>;
  /** Bytes. */
  readonly size: number;
  /** The same by path, of what is not empty. */
  readonly sizes: ReadonlyMap<string, number>;
  /** SHA-256 of the list of them (see `listOf`): the same files give the same release. */
  readonly digest: string;
  /** The folder below it that nginx serves; `.` for all of it. */
  readonly docroot: string;
  /** Contents decide what travels, here and on the host, and no times. */
  readonly checksum?: boolean;
  /** What its files tell of it. */
  readonly recognised: Recognised;
  /** Where it was fetched from, where it is no folder of this machine. */
  readonly origin?: { readonly url: string; readonly ref: string; readonly commit: string };
  /** Names of `migrations/*.sql` in their order, each with the SHA-256 of its content. */
  readonly migrations: readonly { readonly name: string; readonly digest: string }[];
  /** The same of `migrations/after/*.sql`, which take away what the release before still needed. */
  readonly contractions: readonly { readonly name: string; readonly digest: string }[];
}

export interface SourceOptions {
  readonly docroot?: string | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly build?: readonly string[] | undefined;
  readonly checksum?: boolean | undefined;
  /** It is read for what it is, and nothing of it is sent: then it is not built, and what only the building makes may lack. */
  readonly sendsNothing?: true | undefined;
}

/** What is never part of an application: its history, what belongs to one machine, and our own configuration, which may hold secrets. */
const neverSent = ['.git', '.hg', '.svn', '.DS_Store', 'Thumbs.db', '/.env', '/node_modules', '*.swp', '.deployignore', '/foobar.config.*'];

/** Builds the application, then reads which files are sent and what they hold. Throws a Problem where the folder is not there or holds what cannot be sent. */
export async function readSource(folder: string, options: SourceOptions, onLine: (line: string) => void): Promise<Source> {
  await applicationFolder(folder);
  const isSent = options.sendsNothing !== true;
  if (isSent && options.build && options.build.length > 0) await (await import('./build.ts')).build(folder, options.build, onLine);
  const { found, recognised } = await filesOf(folder, options);
  const files = filesIn(found);
  if (isSent && files.length === 0)
    throw new Problem({
      message: `${folder} has no files to send.`,
      hint: 'Name the folder that holds the application, or check what app.exclude and .deployignore leave out. Nothing was changed.',
    });
  const { docroot } = recognised;
  if (isSent && docroot !== '.' && !files.some(({ path }) => path.startsWith(`${docroot}/`)))
    throw new Problem({
      message: `app.docroot is ${docroot}, but the files to send have no such folder.`,
      hint: 'Correct app.docroot, or check what app.exclude and .deployignore leave out. Nothing was changed.',
    });
  const entries = await hashed(folder, found, options.checksum !== true);
  return {
    folder,
    entries,
    links: Object.fromEntries(found.flatMap(({ path, target }) => (target === undefined ? [] : [[path, target]]))),
    size: files.reduce((sum, { size }) => sum + size, 0),
    sizes: new Map(files.flatMap(({ path, size }): [string, number][] => (size > 0 ? [[path, size]] : []))),
    digest: digestOf(listOf(entries)),
    docroot,
    ...(options.checksum && { checksum: true }),
    recognised,
    migrations: await migrationsOf(folder, entries, 'migrations'),
    contractions: await migrationsOf(folder, entries, 'migrations/after'),
  };
}

interface Sent {
  readonly found: readonly Found[];
  readonly recognised: Recognised;
}

/** The files of a folder that are sent. What the application is decides that too: what development leaves behind stays here. */
async function filesOf(folder: string, options: SourceOptions): Promise<Sent> {
  const found = await filesBelow(folder, rulesOf(folder, options, []));
  const recognised = recogniseIn(folder, filesIn(found), docrootOf(options));
  if (recognised.rules.length === 0) return { found, recognised };
  const rules = rulesOf(folder, options, recognised.rules);
  // Only a rule that lets in what the others keep out needs another look at the folder.
  const isWider = recognised.rules.some((rule) => rule.startsWith('!'));
  return {
    found: isWider ? await filesBelow(folder, rules) : found.filter(({ path, type }) => !rules.ignores(type === 'd' ? `${path}/` : path)),
    recognised,
  };
}

/** What is sent of a folder, by our rules, the application's kind, the configuration's, and its own. */
function rulesOf(folder: string, { exclude = [] }: SourceOptions, recognised: readonly string[]): Ignore {
  const rules = ignore()
    .add(neverSent)
    .add([...recognised])
    .add([...exclude]);
  const own = join(folder, '.deployignore');
  return existsSync(own) ? rules.add(readFileSync(own, 'utf8')) : rules;
}

function docrootOf({ docroot }: SourceOptions): string | undefined {
  return docroot ? normalize(docroot).replace(/\/$/, '') : undefined;
}

function recogniseIn(folder: string, files: readonly Found[], docroot: string | undefined): Recognised {
  return recognise(
    files.map(({ path }) => path),
    (path) => readFileSync(join(folder, path), 'utf8'),
    docroot,
  );
}

/** Resolves to what the files of a folder tell of the application in it; to undefined where they cannot be read. */
export async function recognisedIn(folder: string): Promise<Recognised | undefined> {
  try {
    return (await filesOf(folder, {})).recognised;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/** Resolves where an application may be read from the folder; rejects with a Problem where it is not there or is no folder. */
export async function applicationFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found)
    throw new Problem({
      message: `There is no application folder ${folder}.`,
      hint: 'Name the folder with --app DIR, or as app.source in the configuration. Nothing was changed.',
    });
  if (!found.isDirectory())
    throw new Problem({
      message: `${folder} is not a folder.`,
      hint: 'The application is a folder: name the one that holds its files. Nothing was changed.',
    });
}

async function migrationsOf(folder: string, entries: readonly Entry[], within: string): Promise<Source['migrations']> {
  const paths = entries.flatMap(({ path, type }) =>
    type !== 'l' && type !== 'd' && path.endsWith('.sql') && dirname(path) === within ? [path] : [],
  );
  return Promise.all(
    paths.map(async (path) => {
      const name = path.slice('migrations/'.length);
      if (!/^[A-Za-z0-9_./-]{1,190}$/.test(name))
        throw new Problem({
          message: `The migration ${JSON.stringify(name)} has a name that cannot be recorded.`,
          hint: 'Use letters, digits, dots, dashes and underscores. Nothing was changed.',
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
