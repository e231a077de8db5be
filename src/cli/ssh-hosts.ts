import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';

/** Resolves to the names of single hosts in the user's ssh_config and the files that it includes, in their order. */
export async function sshHosts(folder = join(homedir(), '.ssh')): Promise<readonly string[]> {
  return [...new Set(await hostsIn(join(folder, 'config'), folder, 0))];
}

/** OpenSSH follows includes to a depth of 16. */
const deepest = 16;

async function hostsIn(file: string, folder: string, depth: number): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const found = await Promise.all(
    text.split('\n').map(async (line) => {
      const [, keyword = '', rest = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
      const words = (rest.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
      if (/^host$/i.test(keyword)) return words.filter((word) => !/[*?!]/.test(word));
      if (!/^include$/i.test(keyword) || depth >= deepest) return [];
      const files = await Promise.all(words.map((word) => matching(word, folder)));
      return (await Promise.all(files.flat().map((each) => hostsIn(each, folder, depth + 1)))).flat();
    }),
  );
  return found.flat();
}

/** Resolves to the files that an Include names. `*` and `?` are wildcards in the last part of its path. */
async function matching(pattern: string, folder: string): Promise<readonly string[]> {
  const path = pattern.startsWith('~/') ? join(homedir(), pattern.slice(2)) : isAbsolute(pattern) ? pattern : join(folder, pattern);
  if (!/[*?]/.test(path)) return [path];
  const name = basename(path).replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  const wildcard = new RegExp(`^${name.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  const names = await readdir(dirname(path)).catch(() => []);
  return names.filter((each) => wildcard.test(each) && !each.startsWith('.')).map((each) => join(dirname(path), each));
}
