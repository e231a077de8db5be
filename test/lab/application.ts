import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A file of the application: where, how many bytes, and whether it is part of what is sent. */
interface Planned {
  readonly path: string;
  readonly size: number;
  readonly sent: boolean;
  readonly executable?: boolean;
}

const megabyte = 1_000_000;

/**
 * What a site that has grown for years holds: thousands of small files, some large ones, names of every kind, and much that is nobody's
 * business.
 */
const planned: readonly Planned[] = [
  ...several(2_800, (n) => ({ path: `src/part-${n % 40}/module-${n}.php`, size: 4_000 + ((n * 37) % 8_000), sent: true })),
  ...several(180, (n) => ({ path: `public/media/${n % 12}/picture ${n}.jpg`, size: 0.9 * megabyte, sent: true })),
  { path: 'public/media/film.mp4', size: 20 * megabyte, sent: true },
  { path: `src/${'a-deep-folder/'.repeat(15)}${'long'.repeat(30)}.php`, size: 10, sent: true },
  { path: `public/media/it's "ünïcode" $HOME \\ ;&|*.txt`, size: 10, sent: true },
  { path: '-rf', size: 10, sent: true },
  { path: 'empty.txt', size: 0, sent: true },
  { path: 'drafts/kept.psd', size: 10, sent: true },
  { path: 'bin/task', size: 100, sent: true, executable: true },
  ...several(200, (n) => ({ path: `.git/objects/${n}`, size: 1_000, sent: false })),
  ...several(200, (n) => ({ path: `node_modules/package-${n}/index.js`, size: 1_000, sent: false })),
  { path: '.env', size: 100, sent: false },
  { path: 'drafts/poster.psd', size: 60 * megabyte, sent: false },
  { path: 'src/debug.log', size: 100, sent: false },
  { path: 'tests/all.php', size: 100, sent: false },
];

export interface Application {
  readonly folder: string;
  /** SHA-256 by path, of the files that are to be sent. */
  readonly sent: ReadonlyMap<string, string>;
  /** Bytes of those. */
  readonly size: number;
}

/**
 * Writes a large application and its configuration into a folder of its own, which the caller removes. Its content is the same every time,
 * and does not compress.
 */
export async function largeApplication(): Promise<Application> {
  const folder = await mkdtemp(join(tmpdir(), 'foobar-large-'));
  const sent = new Map<string, string>();
  const put = async (path: string, content: Buffer, executable = false) => {
    await mkdir(dirname(join(folder, 'app', path)), { recursive: true });
    await writeFile(join(folder, 'app', path), content, { mode: executable ? 0o700 : 0o600 });
  };
  const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  for (const { path, size, sent: isSent, executable } of planned) {
    const content = noise.update(Buffer.alloc(size));
    await put(path, content, executable);
    if (isSent) sent.set(path, hash(content));
  }
  const index = Buffer.from("<?php echo 'large, and ', file_get_contents(__DIR__ . '/built.txt');\n");
  await put('public/index.php', index);
  sent.set('public/index.php', hash(index));
  sent.set('public/built.txt', hash(Buffer.from('built here\n')));
  await symlink('film.mp4', join(folder, 'app/public/media/latest.mp4'));
  await put('.deployignore', Buffer.from('# What the shop must not see\n*.psd\n!drafts/kept.psd\n*.log\n'));
  const build = ['echo "built here" >public/built.txt', 'echo compiled'];
  await writeFile(
    join(folder, 'foobar.config.json'),
    JSON.stringify({ domain: 'foobar.com', php: { extensions: [] }, host: false, app: { source: 'app', exclude: ['tests'], build } }),
  );
  const size = planned.reduce((sum, file) => sum + (file.sent ? file.size : 0), 0);
  return { folder, sent, size };
}

function several(count: number, make: (n: number) => Planned): readonly Planned[] {
  return Array.from({ length: count }, (_, n) => make(n));
}

function hash(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
