import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { Problem } from '../error.ts';
import type { Source } from './config.ts';

export interface SourceOptions {
  readonly docroot?: string | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly build?: readonly string[] | undefined;
}

/** What is never part of an application: its history, what belongs to one machine, and our own configuration, which may hold secrets. */
const neverSent = ['.git', '.hg', '.svn', '.DS_Store', 'Thumbs.db', '/.env', '/node_modules', '*.swp', '.deployignore', '/foobar.config.*'];

/** Builds the application, then reads which files are sent and what they hold. Throws a Problem where the folder is not there or holds what cannot be sent. */
export async function readSource(folder: string, options: SourceOptions, onLine: (line: string) => void): Promise<Source> {
  await applicationFolder(folder);
  if (options.build && options.build.length > 0) await (await import('./build.ts')).build(folder, options.build, onLine);
  const rules = ignore()
    .add(neverSent)
    .add([...(options.exclude ?? [])]);
  const own = join(folder, '.deployignore');
  if (existsSync(own)) rules.add(await readFile(own, 'utf8'));
  const entries = (await list(folder, '', rules)).sort((one, other) => (one.path < other.path ? -1 : 1));
  if (entries.length === 0)
    throw new Problem({
      message: `${folder} holds no files to send.`,
      hint: 'Name the folder that holds the application, or look at what app.exclude and .deployignore leave out. Nothing was changed.',
    });
  const docroot = options.docroot ? normalize(options.docroot).replace(/\/$/, '') : docrootOf(folder);
  if (docroot !== '.' && !entries.some(({ path }) => path.startsWith(`${docroot}/`)))
    throw new Problem({
      message: `The application has no folder ${docroot} that is sent, and app.docroot says that it is the one to serve.`,
      hint: 'Correct app.docroot, or look at what app.exclude and .deployignore leave out. Nothing was changed.',
    });
  return {
    folder,
    files: entries.map(({ path }) => path),
    size: entries.reduce((sum, { size }) => sum + size, 0),
    digest: await digestOf(folder, entries),
    docroot,
    migrations: await migrationsOf(folder, entries, 'migrations'),
    contractions: await migrationsOf(folder, entries, 'migrations/after'),
  };
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
      message: `${folder} is no folder.`,
      hint: 'The application is a folder: name the one that holds its files. Nothing was changed.',
    });
}

interface Entry {
  readonly path: string;
  readonly size: number;
  /** `x` for what is executable, `l` for a link, `f` for any other file: all of a mode that is sent. */
  readonly type: 'f' | 'x' | 'l';
  readonly target?: string;
}

async function list(folder: string, below: string, rules: Ignore): Promise<Entry[]> {
  const names = await readdir(join(folder, below), { withFileTypes: true });
  const found = await Promise.all(
    names.map(async (entry): Promise<Entry[]> => {
      const path = below ? `${below}/${entry.name}` : entry.name;
      if (rules.ignores(entry.isDirectory() ? `${path}/` : path)) return [];
      if (entry.isDirectory()) return list(folder, path, rules);
      if (/[\n\r]/.test(path)) throw unsendable(path, "its name holds a line's end");
      const { size, mode } = await lstat(join(folder, path));
      if (entry.isSymbolicLink()) return [{ path, size: 0, type: 'l', target: await insideLink(folder, path) }];
      if (!entry.isFile()) throw unsendable(path, 'it is neither a file, a folder nor a link');
      return [{ path, size, type: mode & 0o111 ? 'x' : 'f' }];
    }),
  );
  return found.flat();
}

/** A link may lead to another part of the application; one that leads out of it would mean something else on the host. */
async function insideLink(folder: string, path: string): Promise<string> {
  const target = await readlink(join(folder, path));
  const reached = normalize(join(dirname(path), target));
  if (target.startsWith('/') || reached.startsWith('..')) throw unsendable(path, `it is a link out of the application, to ${target}`);
  return target;
}

function unsendable(path: string, why: string): Problem {
  return new Problem({
    message: `${JSON.stringify(path)} cannot be sent: ${why}.`,
    hint: 'Leave it out with app.exclude or a .deployignore, or put the file itself in its place. Nothing was changed.',
  });
}

async function digestOf(folder: string, entries: readonly Entry[]): Promise<string> {
  const whole = createHash('sha256');
  for (const { path, type, target } of entries) {
    const content = createHash('sha256');
    if (target !== undefined) content.update(target);
    else for await (const chunk of createReadStream(join(folder, path))) content.update(chunk as Buffer);
    whole.update(`${path}\0${type}\0${content.digest('hex')}\n`);
  }
  return whole.digest('hex');
}

/** The folder that looks served: the usual names first, and the application itself where none is there. */
function docrootOf(folder: string): string {
  return (
    ['public', 'web', 'htdocs', 'public_html'].find((name) =>
      ['index.php', 'index.html'].some((index) => existsSync(join(folder, name, index))),
    ) ?? '.'
  );
}

/** The migrations right below one folder, each named by its path below `migrations/`. */
async function migrationsOf(folder: string, entries: readonly Entry[], within: string): Promise<Source['migrations']> {
  const paths = entries.flatMap(({ path, type }) => (type !== 'l' && path.endsWith('.sql') && dirname(path) === within ? [path] : []));
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
