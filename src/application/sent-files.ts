import { existsSync, readFileSync } from 'node:fs';
import { join, normalize, posix } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { type Files, filesNamed } from '../runtimes/detected.ts';
import { type Recognized, recognize } from './detect.ts';
import { filesIn } from './file-list.ts';
import type { SentOptions } from './sent-options.ts';
import { byBytes, type FoundFile, filesBelow } from './tree.ts';

/** Never sent: version control, files that belong to one machine, and our own configuration, which may contain secrets. */
const neverSent = ['.git', '.hg', '.svn', '.DS_Store', 'Thumbs.db', '/.env', '/node_modules', '*.swp', '.deployignore', '/foobar.config.*'];

/** The files of a folder that are sent, and the recognized application. */
export interface SentFiles {
  readonly found: readonly FoundFile[];
  readonly recognized: Recognized;
}

/** Returns the files of a folder to send. The kind of application determines which files are left over from development and not sent. */
export async function sentFiles(folder: string, options: SentOptions): Promise<SentFiles> {
  const first = await filesBelow(folder, rulesOf(folder, options, []));
  const recognized = recognizeIn(folder, filesIn(first), options);
  if (recognized.rules.length === 0) return { found: withAdded(first, recognized), recognized };
  const rules = rulesOf(folder, options, recognized.rules);
  // Only a rule that includes files which other rules exclude makes it necessary to read the folder again.
  if (!recognized.rules.some((rule) => rule.startsWith('!'))) {
    const found = first.filter(({ path, type }) => !rules.ignores(type === 'd' ? `${path}/` : path));
    return { found: withAdded(found, recognized), recognized };
  }
  const found = await filesBelow(folder, rules);
  // The additional files say more about the application, such as Symfony's .env.
  const again = recognizeIn(folder, filesIn(found), options);
  return { found: withAdded(found, again), recognized: again };
}

/** Adds the links and files that the application has in a release even if they are not sent. */
function withAdded(found: readonly FoundFile[], { links, files }: Recognized): readonly FoundFile[] {
  return withFiles(withLinks(found, links), files);
}

/** Adds the application's own links, unless something else is at their path. */
function withLinks(found: readonly FoundFile[], links: Recognized['links']): readonly FoundFile[] {
  const missing = Object.entries(links).filter(([link]) => !found.some(({ path }) => path === link || path.startsWith(`${link}/`)));
  if (missing.length === 0) return found;
  const made = missing.map(([path, target]): FoundFile => ({ path, type: 'l', size: 0, target, modified: 0, altered: 0, inode: 0 }));
  return [...found, ...made].sort(({ path: one }, { path: other }) => byBytes(one, other));
}

/**
 * Adds the files that the application's kind needs, unless they are sent, at their own path or in the folder above, where some applications
 * look too.
 */
function withFiles(found: readonly FoundFile[], files: Recognized['files']): readonly FoundFile[] {
  const has = (name: string) => found.some(({ path }) => path === name);
  const made = Object.entries(files)
    .filter(([path]) => !has(path) && !has(posix.join(posix.dirname(path), '..', posix.basename(path))))
    .map(([path, text]): FoundFile => ({ path, type: 'f', size: Buffer.byteLength(text), text, modified: 0, altered: 0, inode: 0 }));
  return made.length === 0 ? found : [...found, ...made].sort(({ path: one }, { path: other }) => byBytes(one, other));
}

/** Returns the rules about what is sent: ours, the framework's, the configuration's, and those in `.deployignore`. */
function rulesOf(folder: string, { exclude = [] }: SentOptions, recognized: readonly string[]): Ignore {
  const rules = ignore()
    .add(neverSent)
    .add([...recognized])
    .add([...exclude]);
  const ignoreFile = join(folder, '.deployignore');
  return existsSync(ignoreFile) ? rules.add(readFileSync(ignoreFile, 'utf8')) : rules;
}

function docrootOf({ docroot }: SentOptions): string | undefined {
  return docroot ? normalize(docroot).replace(/\/$/, '') : undefined;
}

function recognizeIn(folder: string, files: readonly FoundFile[], options: SentOptions): Recognized {
  const { paths, text } = inFolder(folder, files);
  return recognize(paths, text, { docroot: docrootOf(options), runtime: options.runtime });
}

function inFolder(folder: string, files: readonly FoundFile[]): Files {
  return filesNamed(
    files.map(({ path }) => path),
    (path) => readFileSync(join(folder, path), 'utf8'),
  );
}
