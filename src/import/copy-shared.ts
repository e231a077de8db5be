import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { pack } from 'tar-stream';
import { type Command, lines, sh } from '../command/command.ts';
import { database, sitesVariable } from '../engine/run-libraries.ts';
import { bundledLibrary, definitionsOf } from '../engine/shell-library.ts';
import { Problem } from '../error.ts';
import { secretsFolder, sitePaths } from '../host-paths.ts';
import { dump, login } from '../resources/shell.ts';
import type { Transport } from '../transport/transport.ts';
import { filesToCopy, hashesOf, namesOf, type OnBytes, type Place, receiveBy, sendFiles } from './copy.ts';
import { about, type Copied, copyRemarks, copyVerified, sizeOf } from './copy-application.ts';
import type { Field } from './credentials.ts';
import { type Item, parseListing, utf8 } from './listing.ts';
import { isUsableName, relativeTarget } from './local-copy.ts';
import { oldServer, readBytes } from './old-server.ts';
import type { OldSite } from './old-site.ts';
import type { OldFiles } from './origin.ts';
import { type ImportRecord, isAsRecorded, recordOf } from './record.ts';

/** The shell functions with which the new server receives a site. */
export const newServer = bundledLibrary('import/new-server.sh', oldServer, sitesVariable, database, dump, login);

/** Returns a script with the functions for the new server. */
export function onNewServer(...commands: readonly Command[]): Command {
  return lines(definitionsOf([newServer]), sh`SECRETS=${secretsFolder}`, ...commands);
}

/** The site on its new server. */
export interface NewSite {
  readonly transport: Transport;
  readonly domain: string;
  /** The site's user. */
  readonly user: string;
  /** The paths that its releases share. */
  readonly shared: readonly string[];
  /** Its database, if it has one. */
  readonly database?: { readonly name: string; readonly user: string; readonly secret: string };
}

/** Returns whether a run has set the site up. */
export async function isSetUp({ transport, domain, database: expected }: NewSite): Promise<boolean> {
  return (await transport.script(onNewServer(sh`site_is_there ${domain} ${expected ? [expected.secret] : []}`))).code === 0;
}

/** Returns the items that releases share. */
export function sharedItems(items: readonly Item[], shared: readonly string[]): readonly Item[] {
  return items.filter(({ path }) => isBelow(utf8(path), shared));
}

export function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`));
}

/** Copies the files that releases share, from the old server to the new one. Updates the record, which the caller saves. */
export async function copyShared(
  from: OldFiles,
  site: OldSite,
  to: NewSite,
  { items, record }: { readonly items: readonly Item[]; readonly record: ImportRecord },
  onBytes: (copied: number, total: number) => void,
  signal: AbortSignal,
): Promise<Copied> {
  const root = sitePaths(to.domain).shared;
  const place: Place = { transport: to.transport, user: to.user, root };
  const settings = settingsIn(site, to);
  const usable = items.filter(({ path }) => isSafe(path) && utf8(path) !== settings);
  const there = await listThere(place);
  const toCopy = filesToCopy(usable, there);
  await requireSpace(to, root, sizeOf(toCopy));
  // Links come first, so that nothing changes any more once the files have been compared.
  const leftOut = await copyLinks(site, place, usable, there, signal);
  const copy = async (list: readonly Item[], progress: OnBytes) => {
    const receive = sh`receive_files ${to.user} ${root}`;
    const messages = await sendFiles(
      from,
      list,
      async (archive) => void (await receiveBy(to.transport, onNewServer(receive), archive, 'The shared files', signal)),
      progress,
      signal,
    );
    return { messages, copies: () => hashesOf(place, list) };
  };
  const { copied, messages, differing } = await copyVerified(from, toCopy, copy, (bytes) => onBytes(bytes, sizeOf(toCopy)));
  const current = new Set(usable.map(({ path }) => path));
  const removed = Object.keys(record.shared).filter((path) => !current.has(path) && isAsRecorded(record.shared[path], there.get(path)));
  if (removed.length > 0)
    await to.transport.run(onNewServer(sh`remove_files ${to.user} ${root}`), { input: namesOf(removed.map((path) => ({ path }))) });
  if (settings !== undefined) await writeSettings(site, to, root, settings);
  record.shared = recordOf(usable);
  return {
    files: copied.length,
    size: sizeOf(copied),
    removed: removed.length,
    remarks: [
      ...about(
        items.filter(({ path }) => !isSafe(path)).map(({ path }) => utf8(path)),
        'Files whose names lead out of their folder are not copied',
      ),
      ...copyRemarks(leftOut, differing, messages),
      ...(settings === undefined ? [] : [`${settings} now contains the new server's database and paths.`]),
    ],
  };
}

function isSafe(path: string): boolean {
  return !path.startsWith('/') && !path.split('/').includes('..');
}

async function listThere({ transport, user, root }: Place): Promise<ReadonlyMap<string, Item>> {
  return new Map(parseListing(await readBytes(transport, sh`list_files ${user} ${root} .`)).map((item) => [item.path, item]));
}

async function requireSpace({ transport, domain }: NewSite, folder: string, bytes: number): Promise<void> {
  const { stdout } = await transport.script(onNewServer(sh`free_kilobytes ${folder}`));
  const free = Number(stdout.trim()) * 1024;
  if (!Number.isFinite(free) || free > bytes) return;
  throw new Problem({
    message: `The files of ${domain} need ${Math.ceil(bytes / 1e6)} MB on ${transport.host}, which has ${Math.floor(free / 1e6)} MB left.`,
    hint: 'Free some space there, or use a larger disk. What was copied before stays.',
    host: transport.host,
  });
}

/** Creates the folders and links that the copy lacks. Resolves to the links that are left out because they lead out of the application. */
async function copyLinks(
  site: OldSite,
  { transport, user, root }: Place,
  items: readonly Item[],
  there: ReadonlyMap<string, Item>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const archive = pack();
  const left: string[] = [];
  let count = 0;
  for (const item of items) {
    const { path, type } = item;
    const copy = there.get(path);
    if ((type !== 'folder' && type !== 'link') || !isUsableName(path)) continue;
    if (type === 'folder') {
      if (copy?.type === 'folder') continue;
      archive.entry({ name: utf8(path), type: 'directory', mode: 0o755, mtime: new Date(item.seconds * 1000) });
    } else {
      const target = relativeTarget(item, site.root);
      if (target === undefined) {
        left.push(utf8(path));
        continue;
      }
      if (copy?.type === 'link' && utf8(copy.target) === target) continue;
      archive.entry({ name: utf8(path), type: 'symlink', linkname: target, mtime: new Date(item.seconds * 1000) });
    }
    count += 1;
  }
  archive.finalize();
  if (count > 0)
    await receiveBy(transport, onNewServer(sh`receive_files ${user} ${root}`), archive.pipe(new PassThrough()), 'The shared links', signal);
  return left;
}

/** Returns the path of the application's settings if they are shared and have to name the new server's database. */
function settingsIn({ credentials }: OldSite, { shared, database: target }: NewSite): string | undefined {
  return credentials && target && !credentials.takesExpressions && isBelow(credentials.path, shared) ? credentials.path : undefined;
}

/** Writes the application's settings with the new database's name and password, which only the new server knows. */
async function writeSettings({ credentials: file, root: oldRoot }: OldSite, to: NewSite, root: string, path: string): Promise<void> {
  const target = to.database;
  if (!file || !target) return;
  const mark = `password-${randomBytes(16).toString('hex')}`;
  const values: Readonly<Record<Field, string | undefined>> = {
    host: 'localhost',
    port: '3306',
    socket: undefined,
    name: target.name,
    user: target.user,
    password: mark,
    url: `mysql://${target.user}:${mark}@127.0.0.1:3306/${target.name}`,
  };
  const quoted = (field: Field) => {
    const value = values[field];
    return value === undefined ? undefined : file.quoted(value);
  };
  const text = file
    .rewritten(quoted)
    .split(`${oldRoot}/`)
    .join(`${sitePaths(to.domain).current}/`);
  const script = onNewServer(sh`write_settings ${to.user} ${root} ${path} ${target.secret} ${mark}`);
  const { code, stderr } = await to.transport.run(script, { input: text });
  if (code !== 0)
    throw new Problem({ message: `${path} could not be written on ${to.transport.host}.`, host: to.transport.host, stderr: stderr.trim() });
}
