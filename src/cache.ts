import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Where this machine keeps what only saves time: `XDG_CACHE_HOME`, or `~/.cache`. All of it may be deleted at any moment. */
export function cacheFolder(...parts: readonly string[]): string {
  const given = process.env.XDG_CACHE_HOME;
  return join(given?.startsWith('/') ? given : join(homedir(), '.cache'), 'foobar-provision', ...parts);
}

/** A folder of the cache that is there, and that nobody else can look into: private repositories are kept below. */
export async function privateFolder(...parts: readonly string[]): Promise<string> {
  const folder = cacheFolder(...parts);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // An earlier version, or git itself, may have made them with more rights.
  for (const each of new Set([cacheFolder(), folder])) await chmod(each, 0o700);
  return folder;
}

/** A text of the cache; undefined where there is none. */
export async function recall(...parts: readonly string[]): Promise<string | undefined> {
  return readFile(cacheFolder(...parts), 'utf8').catch(() => undefined);
}

/** A text of the cache whose name begins so; undefined where there is none, or more than one. */
export async function recallAnyOf(start: string, ...folder: readonly string[]): Promise<string | undefined> {
  const names = await readdir(cacheFolder(...folder)).catch(() => []);
  const [name, ...others] = names.filter((each) => each.startsWith(start) && !each.includes('.'));
  return name === undefined || others.length > 0 ? undefined : recall(...folder, name);
}

/** Days after which what was not written again is forgotten. */
const days = 60;

/** Keeps a text, whole or not at all. Where the cache cannot be written there is none, and nothing is lost but time. */
export async function keep(text: string, ...parts: readonly string[]): Promise<void> {
  const path = cacheFolder(...parts);
  const folder = dirname(path);
  const fresh = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await privateFolder(...parts.slice(0, -1));
    await writeFile(fresh, text, { mode: 0o600 });
    await rename(fresh, path);
    for (const name of await readdir(folder)) {
      const old = join(folder, name);
      const found = await stat(old);
      if (Date.now() - found.mtimeMs > days * 24 * 3_600_000) await rm(old, { force: true });
    }
  } catch {
    await rm(fresh, { force: true }).catch(() => undefined);
  }
}
