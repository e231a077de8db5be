import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Suite } from './sandbox.ts';

export interface Mirrors {
  readonly main: string;
  readonly security: string;
}

/** Debian's own mirrors, served by a content delivery network: https://deb.debian.org/ */
const defaults: Mirrors = { main: 'http://deb.debian.org/debian', security: 'http://deb.debian.org/debian-security' };

/**
 * Returns the Debian mirrors in a machine's apt sources, in one-line or deb822 format (sources.list(5)), or Debian's own if there are none.
 */
export function mirrorsIn(sources: string): Mirrors {
  const addresses = sources
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .flatMap((line) => line.match(/https?:\/\/[^\s\]]+/g) ?? [])
    .map((address) => address.replace(/\/+$/, ''));
  return {
    main: addresses.find((address) => address.endsWith('/debian')) ?? defaults.main,
    security: addresses.find((address) => address.endsWith('/debian-security')) ?? defaults.security,
  };
}

/** Returns a suite's lines of sources.list. Only sid has no updates and no security suite, because both arrive in sid first. */
export function sourceLines(suite: Suite, mirrors: Mirrors): readonly string[] {
  const release = `deb ${mirrors.main} ${suite} main`;
  if (suite === 'sid') return [release];
  return [release, `deb ${mirrors.main} ${suite}-updates main`, `deb ${mirrors.security} ${suite}-security main`];
}

/** Returns the mirrors that this machine uses, which are reachable from here. */
export async function machineMirrors(): Promise<Mirrors> {
  const parts = '/etc/apt/sources.list.d';
  const names = await readdir(parts).catch(() => []);
  const files = ['/etc/apt/sources.list', ...names.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(parts, name))];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return mirrorsIn(texts.join('\n'));
}
