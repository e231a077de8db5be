import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import ignore from 'ignore';
import { digestOf, type Entry, listOf } from '../engine/list.ts';
import { Problem } from '../error.ts';
import type { Source } from './config.ts';
import { hashed } from './hashes.ts';
import { filesBelow } from './tree.ts';

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
  const files = filesBelow(folder, rules);
  if (files.length === 0)
    throw new Problem({
      message: `${folder} holds no files to send.`,
      hint: 'Name the folder that holds the application, or look at what app.exclude and .deployignore leave out. Nothing was changed.',
    });
  const docroot = options.docroot ? normalize(options.docroot).replace(/\/$/, '') : docrootOf(folder);
  if (docroot !== '.' && !files.some(({ path }) => path.startsWith(`${docroot}/`)))
    throw new Problem({
      message: `The application has no folder ${docroot} that is sent, and app.docroot says that it is the one to serve.`,
      hint: 'Correct app.docroot, or look at what app.exclude and .deployignore leave out. Nothing was changed.',
    });
  const entries = await hashed(folder, files);
  return {
    folder,
    entries,
    size: files.reduce((sum, { size }) => sum + size, 0),
    digest: digestOf(listOf(entries)),
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
