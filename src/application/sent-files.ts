import { existsSync, readFileSync } from 'node:fs';
import { join, normalize, posix } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { type Recognised, recognise } from './detect.ts';
import { filesIn } from './file-list.ts';
import type { SentOptions } from './sent-options.ts';
import { byBytes, type FoundFile, filesBelow } from './tree.ts';

/** Never sent: version control, files that belong to one machine, and our own configuration, which may contain secrets. */
const neverSent = ['.git', '.hg', '.svn', '.DS_Store', 'Thumbs.db', '/.env', '/node_modules', '*.swp', '.deployignore', '/foobar.config.*'];

/** The files that a folder sends, and what they are. */
export interface SentFiles {
  readonly found: readonly FoundFile[];
  readonly recognised: Recognised;
}

/** The files of a folder that are sent. What the application is decides that too: what development leaves behind stays here. */
export async function sentFiles(folder: string, options: SentOptions): Promise<SentFiles> {
  const first = await filesBelow(folder, rulesOf(folder, options, []));
  const recognised = recogniseIn(folder, filesIn(first), docrootOf(options));
  const rules = rulesOf(folder, options, recognised.rules);
  // Only a rule that lets in what the others keep out needs another look at the folder.
  const isWider = recognised.rules.some((rule) => rule.startsWith('!'));
  const found = isWider
    ? await filesBelow(folder, rules)
    : first.filter(({ path, type }) => !rules.ignores(type === 'd' ? `${path}/` : path));
  return { found: withFiles(withLinks(found, recognised.links), recognised.files), recognised };
}

/** With the application's own links, where nothing else has their place. */
function withLinks(found: readonly FoundFile[], links: Recognised['links']): readonly FoundFile[] {
  const missing = Object.entries(links).filter(([link]) => !found.some(({ path }) => path === link || path.startsWith(`${link}/`)));
  if (missing.length === 0) return found;
  const made = missing.map(([path, target]): FoundFile => ({ path, type: 'l', size: 0, target, modified: 0, altered: 0, inode: 0 }));
  return [...found, ...made].sort(({ path: one }, { path: other }) => byBytes(one, other));
}

/** With the files that its kind needs, where none is sent: neither in their place nor in the folder above, where some look too. */
function withFiles(found: readonly FoundFile[], files: Recognised['files']): readonly FoundFile[] {
  const has = (name: string) => found.some(({ path }) => path === name);
  const made = Object.entries(files)
    .filter(([path]) => !has(path) && !has(posix.join(posix.dirname(path), '..', posix.basename(path))))
    .map(([path, text]): FoundFile => ({ path, type: 'f', size: Buffer.byteLength(text), text, modified: 0, altered: 0, inode: 0 }));
  return made.length === 0 ? found : [...found, ...made].sort(({ path: one }, { path: other }) => byBytes(one, other));
}

/** What is sent of a folder, by our rules, the application's kind, the configuration's, and its own. */
function rulesOf(folder: string, { exclude = [] }: SentOptions, recognised: readonly string[]): Ignore {
  const rules = ignore()
    .add(neverSent)
    .add([...recognised])
    .add([...exclude]);
  const ignoreFile = join(folder, '.deployignore');
  return existsSync(ignoreFile) ? rules.add(readFileSync(ignoreFile, 'utf8')) : rules;
}

function docrootOf({ docroot }: SentOptions): string | undefined {
  return docroot ? normalize(docroot).replace(/\/$/, '') : undefined;
}

function recogniseIn(folder: string, files: readonly FoundFile[], docroot: string | undefined): Recognised {
  return recognise(
    files.map(({ path }) => path),
    (path) => readFileSync(join(folder, path), 'utf8'),
    docroot,
  );
}
