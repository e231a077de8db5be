import { sh } from '../command/command.ts';
import type { Transport } from '../transport/transport.ts';
import { readBytes } from './old-server.ts';

/**
 * A file on the old server, or in the folder that it is copied to. Its path has one character for each byte (latin1), because it may be in any
 * encoding.
 */
export interface Item {
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link' | 'other';
  /** In bytes. */
  readonly size: number;
  /** When it was last modified, in whole seconds. */
  readonly seconds: number;
  readonly mode: number;
  /** The target of a link. */
  readonly target: string;
}

const types: Readonly<Record<string, Item['type']>> = { f: 'file', d: 'folder', l: 'link' };

/** Returns the items that `list_files` has printed, without the folder that was listed. */
export function parseListing(output: Buffer): readonly Item[] {
  const parts = output.toString('latin1').split('\0');
  const items: Item[] = [];
  for (let index = 0; index + 2 < parts.length; index += 3) {
    const [type = '', size = '', seconds = '', mode = ''] = (parts[index] ?? '').split(' ');
    const path = (parts[index + 1] ?? '').replace(/^\.\/?/, '');
    if (path === '') continue;
    items.push({
      path,
      type: types[type] ?? 'other',
      size: type === 'f' ? Number(size) : 0,
      seconds: Math.floor(Number(seconds)),
      mode: Number.parseInt(mode, 8),
      target: parts[index + 2] ?? '',
    });
  }
  return items;
}

/** How many times a link out of the application's folder is followed to a folder with more such links. */
const maxLinks = 3;

/**
 * Lists all files below a folder of the old server, with the rights of the site's user. For a link that leads out of the folder, its
 * target is listed, because that is not copied otherwise.
 */
export async function listSite(transport: Transport, user: string, root: string): Promise<readonly Item[]> {
  const found = new Map<string, Item>();
  const followed = new Set<string>();
  let folders: readonly string[] = ['.'];
  for (let round = 0; round <= maxLinks && folders.length > 0; round += 1) {
    const names = folders.map((folder) => (folder === '.' ? '.' : `./${Buffer.from(folder, 'latin1').toString('utf8')}`));
    for (const item of parseListing(await readBytes(transport, sh`list_files ${user} ${root} ${names}`))) found.set(item.path, item);
    // In the next round, its target replaces such a link. A link whose target does not exist stays a link.
    folders = [...found.values()].flatMap((item) =>
      item.type === 'link' && leadsOut(item, root) && !followed.has(item.path) ? [item.path] : [],
    );
    for (const path of folders) followed.add(path);
  }
  return [...found.values()];
}

/** Returns whether a link leads out of the folder that its path is relative to. `root` is that folder on its own server. */
export function leadsOut({ path, target }: Pick<Item, 'path' | 'target'>, root: string): boolean {
  if (target.startsWith('/')) return !`${target}/`.startsWith(`${root}/`);
  let depth = path.split('/').length - 1;
  for (const part of target.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '.' && part !== '') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

/** Returns a name of an `Item`, which has one character for each byte, as text. */
export function utf8(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8');
}

/** Returns a name as it is in an `Item`, with one character for each byte. */
export function bytesOf(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1');
}
