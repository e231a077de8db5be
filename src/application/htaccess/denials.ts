import { alternativesOf, escaped, safePattern, tokensOf } from '../routing/pattern.ts';
import type { Denial } from '../routing/routing.ts';
import type { Translation } from './translate.ts';

/**
 * Returns what all `.htaccess` files together deny. A folder's access applies to everything below it, unless a folder there defines its
 * own.
 */
export function denialsOf(translations: readonly Translation[]): readonly Denial[] {
  const stated = translations.filter(({ access }) => access !== undefined);
  const isClosed = ({ access }: Translation) => access === 'denied' || access === 'some';
  const closed = stated.filter(isClosed).flatMap((folder) => {
    const above = nearest(stated, folder.at);
    // The folder above already denies it.
    if (above && isClosed(above) && grantedNames(folder).length === 0 && grantedNames(above).length === 0) return [];
    const opened = stated.filter((other) => other.access === 'granted' && nearest(stated, other.at) === folder);
    return folderDenial(
      folder,
      opened.map(({ at }) => at),
    );
  });
  return [
    ...closed,
    ...translations.flatMap(scriptDenials),
    ...translations.flatMap(nameDenials),
    ...translations.flatMap(({ rewriting }) => rewriting.denials),
  ];
}

/** Returns the closest folder above an address. */
function nearest(stated: readonly Translation[], at: string): Translation | undefined {
  return stated.filter((other) => other.at !== at && at.startsWith(other.at)).sort((one, other) => other.at.length - one.at.length)[0];
}

function grantedNames({ meanings }: Translation): readonly string[] {
  return meanings.flatMap((meaning) => (meaning.kind === 'names' && meaning.access === 'granted' ? [meaning.pattern] : []));
}

function folderDenial(folder: Translation, opened: readonly string[]): readonly Denial[] {
  const below = opened.map((at) => `${escaped(at.slice(folder.at.length).replace(/\/$/, ''))}(?:/|$)`);
  const names = grantedNames(folder).flatMap((pattern) => {
    const [insensitive, body] = split(pattern);
    return alternativesOf(body).map((part) => {
      const text = insensitive ? inBothCases(part) : part;
      return `${/ph/.test(part) ? '' : '(?!.*\\.ph)'}${text.startsWith('^') ? `(?:.*/)?${text.slice(1)}` : `.*${text}`}`;
    });
  });
  const exceptions = [...below, ...names];
  const isRoot = folder.at === '/';
  const start = isRoot ? '^/' : `^${escaped(folder.at.replace(/\/$/, ''))}`;
  const rest = exceptions.length === 0 ? '' : `(?!${exceptions.join('|')})`;
  const pattern = safePattern(isRoot ? `${start}${rest}` : `${start}(?:/${rest}|$)`) ?? safePattern(isRoot ? start : `${start}(?:/|$)`);
  return pattern === undefined ? [] : [{ pattern, of: 'all' }];
}

/** Returns a pattern that matches letters in both cases, apart from those in brackets. */
function inBothCases(pattern: string): string {
  return pattern.replaceAll(/\\.|\[[^\]]*\]|[a-z]/gi, (part) =>
    part.length === 1 ? `[${part.toLowerCase()}${part.toUpperCase()}]` : part,
  );
}

/** Denies scripts in folders where PHP is not executed, so that their source is not shown. */
function scriptDenials({ at, meanings }: Translation): readonly Denial[] {
  if (!meanings.some(({ kind }) => kind === 'runs nothing')) return [];
  const pattern = safePattern(`^${escaped(at)}.*\\.ph(?:ar|p|p[3-8]|s|t|tml)(?:/|$)`);
  return pattern === undefined ? [] : [{ pattern, of: 'all' }];
}

/**
 * Returns the denials of files by their names, and of scripts of such a name that are followed by a path. Apache compares the name of the
 * file only, not the folders above it and not the path after a script.
 */
function nameDenials({ at, meanings }: Translation): readonly Denial[] {
  return meanings.flatMap((meaning): readonly Denial[] => {
    if (meaning.kind !== 'names' || meaning.access === 'granted') return [];
    const [insensitive, body] = split(meaning.pattern);
    return alternativesOf(withinName(body)).flatMap((part) => {
      const ends = /(?<!\\)\$$/.test(part);
      const bare = ends ? part.slice(0, -1) : part;
      const begins = bare.startsWith('^');
      const below = `${escaped(at)}${begins ? `(?:.*/)?${bare.slice(1)}` : `.*${bare}`}`;
      const named = `${below}${ends ? '' : '[^/]*'}`;
      const [file, script] = [`^(?!.*\\.php/)${named}$`, `^${named}(?<=\\.php)/`].map((text) => safePattern(`${insensitive}${text}`));
      if (file !== undefined && script !== undefined) return [denialOf(file), denialOf(script)];
      // A simpler pattern denies more: files below a folder of such a name and, if only the name is safe, those of other folders.
      const simpler = [`^${below}`, begins ? `/${bare.slice(1)}` : bare].map((text) => safePattern(`${insensitive}${text}`));
      return simpler
        .filter((pattern) => pattern !== undefined)
        .slice(0, 1)
        .map(denialOf);
    });
  });
}

function denialOf(pattern: string): Denial {
  return { pattern, of: 'files' };
}

/** Returns the same pattern, in which nothing matches a slash. */
function withinName(pattern: string): string {
  return tokensOf(pattern)
    .map((token) => (token === '.' ? '[^/]' : token.startsWith('[^') ? `[^/${token.slice(2)}` : token))
    .join('');
}

function split(pattern: string): readonly [string, string] {
  return pattern.startsWith('(?i)') ? ['(?i)', pattern.slice(4)] : ['', pattern];
}
