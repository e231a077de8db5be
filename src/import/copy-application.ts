import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sitePaths } from '../host-paths.ts';
import { filesToCopy, type OnBytes, sendFiles } from './copy.ts';
import { variableOf } from './credentials.ts';
import { type Item, utf8 } from './listing.ts';
import { isUsableName, localFiles, makeLinksHere, unpackHere } from './local-copy.ts';
import type { OldSite } from './old-site.ts';
import type { OldFiles } from './origin.ts';
import { type ImportRecord, isAsRecorded, recordOf } from './record.ts';

/** What a copy has done, and what a person should know about it. */
export interface Copied {
  /** The number of files that were copied, and their size in bytes. */
  readonly files: number;
  readonly size: number;
  readonly removed: number;
  readonly remarks: readonly string[];
}

/** Returns the size in bytes of files. */
export function sizeOf(items: readonly Pick<Item, 'size'>[]): number {
  return items.reduce((sum, { size }) => sum + size, 0);
}

/** Returns a sentence about some paths, or nothing if there are none. */
export function about(paths: readonly string[], what: string): readonly string[] {
  if (paths.length === 0) return [];
  return [`${what}: ${paths.slice(0, 5).join(', ')}${paths.length > 5 ? `, and ${paths.length - 5} more` : ''}.`];
}

/** Returns the remarks of a copy: links that lead out, files that changed meanwhile, and messages of the old server. */
export function copyRemarks(links: readonly string[], differing: readonly string[], messages: readonly string[]): readonly string[] {
  return [
    ...about(links, 'Links that lead out of the application are not copied'),
    ...about(differing.map(utf8), 'Changed while they were copied; copy again'),
    ...about(messages, 'Could not be read'),
  ];
}

/**
 * Copies the application's files, without what its releases share, into a local folder. A file that was edited here since the last copy
 * stays. Updates the record, which the caller saves.
 */
export async function copyApplication(
  from: OldFiles,
  site: OldSite,
  { items, folder, record }: { readonly items: readonly Item[]; readonly folder: string; readonly record: ImportRecord },
  onBytes: (copied: number, total: number) => void,
  signal: AbortSignal,
): Promise<Copied> {
  const usable = items.filter(({ path }) => isUsableName(path));
  const here = await localFiles(folder, usable);
  const isFirst = Object.keys(record.application).length === 0;
  const changed = filesToCopy(usable, here).filter(
    ({ path, size, seconds }) => isFirst || !isAsRecorded(record.application[path], { size, seconds }),
  );
  const edited = changed.filter(
    ({ path }) => !isFirst && record.application[path] && !isAsRecorded(record.application[path], here.get(path)),
  );
  const toCopy = changed.filter((item) => !edited.includes(item));
  const { copied, messages, differing } = await copyVerified(
    from,
    toCopy,
    (list, progress) => copyHere(from, folder, list, progress, signal),
    (bytes) => onBytes(bytes, sizeOf(toCopy)),
  );
  const left = await makeLinksHere(folder, usable, site.root);
  const current = new Set(usable.map(({ path }) => path));
  const gone = Object.keys(record.application).filter((path) => !current.has(path));
  const goneHere = await localFiles(
    folder,
    gone.map((path) => ({ path })),
  );
  const removed = gone.filter((path) => isAsRecorded(record.application[path], goneHere.get(path)));
  for (const path of removed) await rm(join(folder, utf8(path)));
  const rewritten = await rewriteCredentials(from, site, folder, toCopy);
  record.application = recordOf(usable.filter((item) => !edited.includes(item)));
  return {
    files: copied.length,
    size: sizeOf(copied),
    removed: removed.length,
    remarks: [
      ...about(
        items.filter((item) => !usable.includes(item)).map(({ path }) => utf8(path)),
        'Files whose names are not UTF-8 are not copied',
      ),
      ...about(
        edited.map(({ path }) => utf8(path)),
        'Changed here and on the old server; the local versions stay',
      ),
      ...copyRemarks(left, differing, messages),
      ...rewritten,
      ...(await pathsInFiles(folder, toCopy, site)),
    ],
  };
}

type CopyList = (
  items: readonly Item[],
  onBytes: OnBytes,
) => Promise<{ readonly messages: readonly string[]; readonly copies: () => Promise<ReadonlyMap<string, string>> }>;

/**
 * Copies files, and compares the SHA-256 of each original with that of its copy afterwards. Those that differ, because they were changed
 * meanwhile, are copied once more. Resolves to those that were copied, to those that still differ, and to what could not be read.
 */
export async function copyVerified(
  from: OldFiles,
  items: readonly Item[],
  copy: CopyList,
  onBytes: OnBytes,
): Promise<{ readonly copied: readonly Item[]; readonly messages: readonly string[]; readonly differing: readonly string[] }> {
  let list = items;
  const arrived = new Set<Item>();
  let messages: readonly string[] = [];
  for (let round = 0; ; round += 1) {
    const done = await copy(list, onBytes);
    messages = [...messages, ...done.messages];
    const [originals, copies] = await Promise.all([from.hashes(list), done.copies()]);
    for (const item of list) if (originals.has(item.path) && copies.has(item.path)) arrived.add(item);
    // A file without a hash cannot be read, or was deleted meanwhile. The messages of the old server name it.
    const differing = list.filter(({ path }) => originals.has(path) && originals.get(path) !== copies.get(path));
    if (differing.length === 0 || round === 1)
      return { copied: [...arrived], messages: [...new Set(messages)], differing: differing.map(({ path }) => path) };
    list = differing;
  }
}

async function copyHere(from: OldFiles, folder: string, items: readonly Item[], onBytes: OnBytes, signal: AbortSignal) {
  let hashes: ReadonlyMap<string, string> = new Map();
  const messages = await sendFiles(
    from,
    items,
    async (archive) => {
      hashes = await unpackHere(folder, items, archive);
    },
    onBytes,
    signal,
  );
  return { messages, copies: async () => hashes };
}

/**
 * Makes the application read its database's name and password from the environment, if its settings can, because the new server has its own
 * database. Returns a sentence about it.
 */
async function rewriteCredentials(
  from: OldFiles,
  { credentials: file, settingsAreElsewhere }: OldSite,
  folder: string,
  copied: readonly Item[],
): Promise<readonly string[]> {
  if (!file?.takesExpressions) return [];
  // WordPress also looks for its settings above its folder, where a release has nothing.
  const isAbove = file.path.startsWith('../');
  const name = isAbove ? basename(file.path) : file.path;
  const isHere = copied.some(({ path }) => utf8(path) === name) || (settingsAreElsewhere && !existsSync(join(folder, name)));
  if (!isAbove && !isHere) return [];
  const path = join(folder, name);
  if (isAbove) {
    const above = await from.texts([file.path]);
    if (!above.has(file.path)) return [];
  }
  await writeFile(
    path,
    file.rewritten((field) => `getenv('${variableOf(field)}')`),
    { mode: 0o600 },
  );
  return [`${name} now reads the database's name and password from the environment (getenv), and no longer contains the old password.`];
}

/** The largest file that is searched, in bytes. */
const maxSearched = 1_000_000;

/** Returns a sentence about the files that contain the path of the application's folder on the old server. */
async function pathsInFiles(folder: string, items: readonly Item[], { root, domain }: OldSite): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { path, size } of items) {
    if (size > maxSearched || !/\.(?:php|inc|ini|json|ya?ml|xml|conf|htaccess|env|py|js|sh)$|(?:^|\/)\.[a-z]+$/.test(path)) continue;
    const text = await readFile(join(folder, utf8(path)), 'latin1').catch(() => '');
    if (text.includes(`${root}/`)) found.push(utf8(path));
  }
  return about(found, `Files that contain the path ${root}, which is ${sitePaths(domain).current} on the new server`);
}
