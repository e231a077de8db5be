import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Returns a path in this machine's cache, which is in `XDG_CACHE_HOME` or `~/.cache`. Everything there may be deleted at any time. */
export function cacheFolder(...parts: readonly string[]): string {
  const xdgCacheHome = process.env.XDG_CACHE_HOME;
  return join(xdgCacheHome?.startsWith('/') ? xdgCacheHome : join(homedir(), '.cache'), 'foobar-provision', ...parts);
}

/** Creates a folder of the cache that only this user can read, because it may contain private repositories. */
export async function privateFolder(...parts: readonly string[]): Promise<string> {
  const folder = cacheFolder(...parts);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // An earlier version, or git itself, may have created them with wider permissions.
  for (const each of new Set([cacheFolder(), folder])) await chmod(each, 0o700);
  return folder;
}

/** The texts that are being written, by path. */
const unfinished = new Map<string, Promise<void>>();

/** Reads a text from the cache. Resolves to undefined if there is none. */
export async function recall(...parts: readonly string[]): Promise<string | undefined> {
  const path = cacheFolder(...parts);
  await unfinished.get(path);
  return readFile(path, 'utf8').catch(() => undefined);
}

/** Reads the text in the cache whose name has this prefix. Resolves to undefined unless there is exactly one. */
export async function recallAnyOf(start: string, ...folder: readonly string[]): Promise<string | undefined> {
  await Promise.all(unfinished.values());
  const names = await readdir(cacheFolder(...folder)).catch(() => []);
  const [name, ...others] = names.filter((each) => each.startsWith(start) && !each.includes('.'));
  return name === undefined || others.length > 0 ? undefined : recall(...folder, name);
}

/** Texts that were not written for this long are deleted. */
const maxAgeDays = 60;

/** Begins to write a text to the cache. Nothing waits for it except those who read it, and the end of this process. */
export function keepMeanwhile(text: string, ...parts: readonly string[]): void {
  const path = cacheFolder(...parts);
  const writing = (unfinished.get(path) ?? Promise.resolve())
    .then(() => keep(text, ...parts))
    .finally(() => {
      if (unfinished.get(path) === writing) unfinished.delete(path);
    });
  unfinished.set(path, writing);
}

/** Writes a text to the cache atomically. Ignores errors, because a missing cache costs only time. */
export async function keep(text: string, ...parts: readonly string[]): Promise<void> {
  const path = cacheFolder(...parts);
  const folder = dirname(path);
  const staged = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await privateFolder(...parts.slice(0, -1));
    await writeFile(staged, text, { mode: 0o600 });
    await rename(staged, path);
    for (const name of await readdir(folder)) {
      const old = join(folder, name);
      const { mtimeMs } = await stat(old);
      if (Date.now() - mtimeMs > maxAgeDays * 24 * 3_600_000) await rm(old, { force: true });
    }
  } catch {
    await rm(staged, { force: true }).catch(() => undefined);
  }
}
