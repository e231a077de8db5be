import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, normalize } from 'node:path';

interface Owned {
  mode: number;
  uid: number;
  gid: number;
}

interface FileNode extends Owned {
  readonly kind: 'file';
  data: Buffer;
  /** What of it has reached the disk; the same buffer as `data` where that is all. */
  synced?: Buffer;
}

interface LinkNode {
  readonly kind: 'link';
  readonly target: string;
}

interface FolderNode extends Owned {
  readonly kind: 'folder';
  entries: Map<string, Node>;
  synced: Map<string, Node>;
}

type Node = FileNode | LinkNode | FolderNode;

/** What a path is: a folder, a link's target, or a file's bytes. */
export type Thing = { readonly kind: 'folder' | 'file' | 'link'; readonly data: Buffer } & Readonly<Owned>;

/** All that is below the folders that are looked at, by its path. */
export type Tree = ReadonlyMap<string, Thing>;

/**
 * What a power cut takes: `names`, all that was not synced, names too; `data`, only the content of files, whose names are all there, as a
 * file system does that writes its journal at once and its data late; and where /etc is a disk of its own, the names on one of the two and
 * the data on the other.
 */
export const losses = ['names', 'data', 'names in /etc', 'names but in /etc'] as const;
export type Loss = (typeof losses)[number];

function losesNames(loss: Loss, path: string): boolean {
  const inEtc = /\/etc(\/|$)/.test(path);
  return loss === 'names' || (loss === 'names in /etc' && inEtc) || (loss === 'names but in /etc' && !inEtc);
}

/** One instant of a trace. */
export interface Instant {
  readonly call: string;
  /** How many calls came before. */
  readonly calls: number;
  /** The call has changed what is on the disk, or what would be. */
  readonly changed: boolean;
  /** As the processes see it. */
  readonly seen: () => Tree;
  /** As the next boot finds it where the power is cut now. */
  readonly cut: (loss: Loss) => Tree;
}

/** The system calls that a trace needs, and how strace(1) is to write them. No copy inside of the kernel, whose bytes nobody sees. */
export const straceOptions = [
  ...['-f', '-y', '-qq', '-xx', '-s', '4194304', '-e', 'signal=none'],
  ...['-e', 'inject=copy_file_range:error=ENOSYS'],
  '-e',
  'trace=open,openat,creat,write,pwrite64,writev,truncate,ftruncate,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,fsync,fdatasync,sync,syncfs,chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,chdir,fchdir,copy_file_range',
];

const nothing = Buffer.alloc(0);

/**
 * Replays a trace from what was there before it. Only these folders are looked at; a path outside of them is nobody's. Each instant is to
 * be looked at before the next one is asked for.
 */
export function* replay(before: Tree, roots: readonly string[], trace: string): Generator<Instant> {
  const root = folder(0o755);
  const isWatched = (path: string) => roots.some((each) => path === each || path.startsWith(`${each}/`));
  for (const each of roots) make(root, each);
  for (const [path, thing] of before) put(root, path, thing);
  syncAll(root);

  const cwd = new Map<string, string>();
  let count = 0;
  for (const { pid, name, args, result, text } of calls(trace)) {
    count += 1;
    const at = (index: number) => {
      const [given = '', words = ''] = [args[index], args[index + 1]];
      if (given.startsWith('AT_FDCWD')) cwd.set(pid, inAngles(given) ?? '/');
      return real(root, join(decoded(words).startsWith('/') ? '/' : (inAngles(given) ?? '/'), decoded(words)));
    };
    const here = (index: number) => {
      const words = decoded(args[index] ?? '');
      return real(root, words.startsWith('/') ? words : join(cwd.get(pid) ?? '/', words));
    };
    const opened = inAngles(args[0] ?? '') ?? '';
    const rename = (from: string, to: string) => {
      const node = isWatched(from) ? take(root, from) : undefined;
      if (isWatched(to)) give(root, to, node ?? file(0o600));
      return isWatched(from) || isWatched(to);
    };
    const add = (path: string, node: Node) => isWatched(path) && give(root, path, node);
    const own = (path: string, change: (node: Owned) => void) => {
      const node = isWatched(path) ? find(root, path) : undefined;
      if (node && node.kind !== 'link') change(node);
    };
    const store = (path: string, change: (data: Buffer) => Buffer) => {
      const node = isWatched(path) ? find(root, path) : undefined;
      if (node?.kind !== 'file') return false;
      node.data = change(node.data);
      return true;
    };
    const openFile = (flags: string, mode: string) => {
      const path = inAngles(result) ?? '';
      if (!isWatched(path)) return false;
      const node = find(root, path);
      if (!node) return /O_CREAT/.test(flags) && give(root, path, file(Number.parseInt(mode || '600', 8) & ~0o022));
      if (node.kind !== 'file' || !/O_TRUNC/.test(flags) || node.data.length === 0) return false;
      node.data = Buffer.alloc(0);
      return true;
    };

    const act = (): boolean => {
      switch (name) {
        case 'open':
          return openFile(args[1] ?? '', args[2] ?? '');
        case 'openat':
          at(0);
          return openFile(args[2] ?? '', args[3] ?? '');
        case 'creat':
          return openFile('O_CREAT|O_TRUNC', args[1] ?? '');
        case 'write':
        case 'writev': {
          const bytes = Buffer.concat(
            [
              ...(args
                .slice(1)
                .join(', ')
                .matchAll(/"((?:\\x[0-9a-f]{2})*)"/g) ?? []),
            ].map(([, hex = '']) => bytesOf(hex)),
          );
          return store(opened, (data) => Buffer.concat([data, bytes.subarray(0, Number(result))]));
        }
        case 'pwrite64':
          return store(opened, (data) => {
            const bytes = bytesOf(args[1] ?? '').subarray(0, Number(result));
            const offset = Number(args[3]);
            const grown = Buffer.concat([data, Buffer.alloc(Math.max(0, offset + bytes.length - data.length))]);
            bytes.copy(grown, offset);
            return grown;
          });
        case 'truncate':
          return store(here(0), (data) => sized(data, Number(args[1])));
        case 'ftruncate':
          return store(opened, (data) => sized(data, Number(args[1])));
        case 'rename':
          return rename(here(0), here(1));
        case 'renameat':
        case 'renameat2':
          return rename(at(0), at(2));
        case 'link':
        case 'linkat': {
          const [from, to] = name === 'link' ? [here(0), here(1)] : [at(0), at(2)];
          const node = isWatched(from) ? find(root, from) : undefined;
          return add(to, node ?? file(0o600));
        }
        case 'symlink':
          return add(here(1), { kind: 'link', target: decoded(args[0] ?? '') });
        case 'symlinkat':
          return add(at(1), { kind: 'link', target: decoded(args[0] ?? '') });
        case 'unlink':
        case 'rmdir':
          return isWatched(here(0)) && take(root, here(0)) !== undefined;
        case 'unlinkat':
          return isWatched(at(0)) && take(root, at(0)) !== undefined;
        case 'mkdir':
          return add(here(0), folder(Number.parseInt(args[1] ?? '755', 8) & ~0o022));
        case 'mkdirat':
          return add(at(0), folder(Number.parseInt(args[2] ?? '755', 8) & ~0o022));
        case 'fsync':
        case 'fdatasync': {
          const node = isWatched(opened) ? find(root, opened) : undefined;
          if (node) sync(node);
          return node !== undefined;
        }
        case 'sync':
        case 'syncfs':
          syncAll(root);
          return true;
        case 'chdir':
          cwd.set(pid, here(0));
          return false;
        case 'fchdir':
          cwd.set(pid, opened);
          return false;
        case 'chmod':
          own(here(0), (node) => Object.assign(node, modeOf(args[1])));
          return false;
        case 'fchmod':
          own(opened, (node) => Object.assign(node, modeOf(args[1])));
          return false;
        case 'fchmodat':
          own(at(0), (node) => Object.assign(node, modeOf(args[2])));
          return false;
        case 'chown':
        case 'lchown':
          own(here(0), (node) => Object.assign(node, owner(args[1], args[2])));
          return false;
        case 'fchown':
          own(opened, (node) => Object.assign(node, owner(args[1], args[2])));
          return false;
        case 'fchownat':
          own(at(0), (node) => Object.assign(node, owner(args[2], args[3])));
          return false;
        case 'copy_file_range':
          throw new Error(`bytes were copied where nobody sees them: ${text}`);
        default:
          return false;
      }
    };
    const changed = act();
    yield {
      call: text.slice(0, 400),
      calls: count,
      changed,
      seen: () =>
        flat(
          root,
          ({ entries }) => entries,
          ({ data }) => data,
        ),
      cut: (loss) =>
        flat(
          root,
          ({ entries, synced }, path) => (losesNames(loss, path) ? synced : entries),
          // What was written over is the old where nothing of it came, or neither; what something was added to is there.
          ({ data, synced = nothing }) => (loss === 'names' || data.subarray(0, synced.length).equals(synced) ? synced : nothing),
        ),
    };
  }
}

interface Call {
  readonly pid: string;
  readonly name: string;
  readonly args: readonly string[];
  readonly result: string;
  readonly text: string;
}

/** The calls of a trace that succeeded. One that another process interrupted counts where it ended. */
function* calls(trace: string): Generator<Call> {
  const begun = new Map<string, string>();
  for (const line of trace.split('\n')) {
    const [, pid = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (rest.endsWith('<unfinished ...>')) {
      begun.set(pid, rest.slice(0, -'<unfinished ...>'.length).trimEnd());
      continue;
    }
    const [, end] = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest) ?? [];
    const text = end === undefined ? rest : `${begun.get(pid) ?? ''}${end}`;
    const [, name = '', args = '', result = '-1'] = /^(\w+)\((.*)\) += (\S+)/.exec(text) ?? [];
    if (result === '-1' || result === '?') continue;
    yield { pid, name, args: args.split(', '), result, text: readable(text) };
  }
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(
    hex.replaceAll(/[^0-9a-f]/g, (other) => (other === 'x' || other === '\\' || other === '"' ? '' : fault(hex))),
    'hex',
  );
}

function fault(hex: string): never {
  throw new Error(`this is no string of a trace: ${hex.slice(0, 80)}`);
}

function decoded(word: string): string {
  return bytesOf(word).toString('utf8');
}

/** The path of a descriptor, as `-y` writes it. */
function inAngles(word: string): string | undefined {
  const hex = /<((?:\\x[0-9a-f]{2})+)>/.exec(word)?.[1];
  return hex === undefined ? undefined : decoded(hex);
}

function readable(text: string): string {
  return text.replaceAll(/(?:\\x[0-9a-f]{2})+/g, (hex) => decoded(hex));
}

function sized(data: Buffer, length: number): Buffer {
  return Buffer.concat([data, Buffer.alloc(Math.max(0, length - data.length))]).subarray(0, length);
}

function modeOf(word = '600'): Partial<Owned> {
  return { mode: Number.parseInt(word, 8) };
}

function owner(uid = '-1', gid = '-1'): Partial<Owned> {
  return { ...(uid !== '-1' && { uid: Number(uid) }), ...(gid !== '-1' && { gid: Number(gid) }) };
}

function file(mode: number): FileNode {
  return { kind: 'file', mode, uid: 0, gid: 0, data: nothing };
}

function folder(mode: number): FolderNode {
  return { kind: 'folder', mode, uid: 0, gid: 0, entries: new Map(), synced: new Map() };
}

function sync(node: Node): void {
  if (node.kind === 'file') node.synced = node.data;
  if (node.kind === 'folder') node.synced = new Map(node.entries);
}

function syncAll(node: Node): void {
  sync(node);
  if (node.kind === 'folder') for (const each of node.entries.values()) syncAll(each);
}

function parts(path: string): readonly string[] {
  return normalize(path).split('/').filter(Boolean);
}

/** The path with no link in it but for its last part. */
function real(root: FolderNode, path: string): string {
  const all = parts(path);
  let at = '';
  for (const [index, part] of all.entries()) {
    const node = find(root, `${at}/${part}`);
    if (node?.kind === 'link' && index < all.length - 1)
      return real(root, join(node.target.startsWith('/') ? '/' : at || '/', node.target, ...all.slice(index + 1)));
    at = `${at}/${part}`;
  }
  return at || '/';
}

function find(root: FolderNode, path: string): Node | undefined {
  let node: Node | undefined = root;
  for (const part of parts(path)) {
    if (node?.kind !== 'folder') return undefined;
    node = node.entries.get(part);
  }
  return node;
}

function make(root: FolderNode, path: string): FolderNode {
  let node = root;
  for (const part of parts(path)) {
    const next = node.entries.get(part);
    const found = next?.kind === 'folder' ? next : folder(0o755);
    node.entries.set(part, found);
    node = found;
  }
  return node;
}

function put(root: FolderNode, path: string, { kind, data, mode, uid, gid }: Thing): void {
  if (kind === 'folder') Object.assign(make(root, path), { mode, uid, gid });
  else
    make(root, dirname(path)).entries.set(
      path.slice(path.lastIndexOf('/') + 1),
      kind === 'file' ? { kind, mode, uid, gid, data, synced: data } : { kind, target: data.toString() },
    );
}

function give(root: FolderNode, path: string, node: Node): true {
  const above = find(root, dirname(path));
  if (above?.kind !== 'folder') throw new Error(`the trace makes ${path}, whose folder nobody has made`);
  above.entries.set(path.slice(path.lastIndexOf('/') + 1), node);
  return true;
}

function take(root: FolderNode, path: string): Node | undefined {
  const above = find(root, dirname(path));
  if (above?.kind !== 'folder') return undefined;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const node = above.entries.get(name);
  above.entries.delete(name);
  return node;
}

function flat(
  root: FolderNode,
  entries: (node: FolderNode, path: string) => ReadonlyMap<string, Node>,
  data: (node: FileNode) => Buffer,
): Map<string, Thing> {
  const tree = new Map<string, Thing>();
  const walk = (path: string, node: FolderNode) => {
    for (const [name, each] of entries(node, path)) {
      const at = `${path}/${name}`;
      if (each.kind === 'link') tree.set(at, { kind: 'link', data: Buffer.from(each.target), mode: 0o777, uid: 0, gid: 0 });
      else {
        const { kind, mode, uid, gid } = each;
        tree.set(at, { kind, mode, uid, gid, data: each.kind === 'file' ? data(each) : nothing });
      }
      if (each.kind === 'folder') walk(at, each);
    }
  };
  walk('', root);
  return tree;
}

/** What is below these folders of a host's tree. */
export function readTree(top: string, roots: readonly string[]): Map<string, Thing> {
  const tree = new Map<string, Thing>();
  const walk = (path: string) => {
    const at = join(top, path);
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (!stat) return;
    const kind = stat.isSymbolicLink() ? 'link' : stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : undefined;
    if (!kind) return;
    const data = kind === 'link' ? Buffer.from(readlinkSync(at)) : kind === 'file' ? readFileSync(at) : nothing;
    tree.set(path, { kind, data, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid });
    if (kind === 'folder') for (const name of readdirSync(at)) walk(`${path}/${name}`);
  };
  for (const root of roots) walk(root);
  return tree;
}

/** Makes what is below these folders what the tree says. Nobody may use them meanwhile. */
export function writeTree(top: string, roots: readonly string[], tree: Tree): void {
  const inside = (path: string) => roots.some((root) => path === root || path.startsWith(`${root}/`));
  const there = readTree(top, roots);
  for (const path of [...there.keys()].reverse()) {
    if (tree.get(path)?.kind !== there.get(path)?.kind) rmSync(join(top, path), { recursive: true, force: true });
  }
  for (const [path, thing] of tree) {
    if (!inside(path)) continue;
    const at = join(top, path);
    const now = existsSync(dirname(at)) ? lstatSync(at, { throwIfNoEntry: false }) : undefined;
    if (now && isSame(there.get(path), thing)) continue;
    if (thing.kind === 'folder') mkdirSync(at, { recursive: true });
    else rmSync(at, { force: true });
    if (thing.kind === 'link') symlinkSync(thing.data.toString(), at);
    if (thing.kind === 'file') writeFileSync(at, thing.data);
    lchownSync(at, thing.uid, thing.gid);
    if (thing.kind !== 'link') chmodSync(at, thing.mode);
  }
}

function isSame(one: Thing | undefined, other: Thing): boolean {
  return one?.kind === other.kind && one.mode === other.mode && one.uid === other.uid && one.data.equals(other.data);
}

/** A sum of what is at the paths that this says yes to. */
export function sumOf(tree: Tree, isOfInterest: (path: string) => boolean): string {
  const hash = createHash('sha256');
  for (const path of [...tree.keys()].filter(isOfInterest).sort()) {
    const thing = tree.get(path);
    if (thing) hash.update(`${path}\0${thing.kind}\0${thing.data.length}\0`).update(thing.data);
  }
  return hash.digest('hex');
}
