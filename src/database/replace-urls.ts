import { replaceInSerialized } from './php-serialized.ts';

/** The old names of a site, and the new name and scheme that replace them. */
export interface UrlChange {
  readonly from: readonly string[];
  readonly to: { readonly name: string; readonly scheme: 'http' | 'https' };
}

/** Replaces text in the values of a database. In a value, each character stands for one byte. */
export interface Replacer {
  /** Returns false if no value in this line of a dump would change. */
  readonly concerns: (text: string) => boolean;
  readonly replace: (value: string) => string;
}

/** Returns a replacer of a site's URLs. */
export function urlReplacer({ from, to }: UrlChange): Replacer {
  const names = from.map((name) => name.replaceAll(/[.-]/g, '\\$&')).join('|');
  // Slashes as they are, escaped as in JSON (once or several times), and encoded as in a query string.
  const slashes = String.raw`//|(?:\\+/){2}|%2F%2F`;
  const address = new RegExp(String.raw`(?:\b(https?)(:|%3A))?(${slashes})(?:${names})(?![A-Za-z0-9-]|\.[A-Za-z0-9]|:\d)`, 'gi');
  const plain = (text: string) =>
    text.replace(address, (_, scheme: string | undefined, colon: string | undefined, between: string) =>
      scheme === undefined ? `${between}${to.name}` : `${to.scheme}${colon}${between}${to.name}`,
    );
  const lowerNames = from.map((name) => name.toLowerCase());
  const anyName = new RegExp(names, 'i');
  const replace = (text: string): string => {
    if (!anyName.test(text)) return text;
    // A WordPress network stores bare host names in some columns.
    if (lowerNames.includes(text.toLowerCase())) return to.name;
    if (!/^(?:[aOsC]:\d)/.test(text)) return plain(text);
    return replaceInSerialized(text, replace) ?? inCharacters(text, replace) ?? plain(text);
  };
  return { concerns: (text) => anyName.test(text), replace };
}

/** Does the same for a table in Latin-1: the dump has its text in UTF-8, but the lengths in it count characters, not bytes. */
function inCharacters(text: string, replace: (inner: string) => string): string | undefined {
  const bytes = (characters: string) => Buffer.from(characters, 'utf8').toString('latin1');
  const characters = Buffer.from(text, 'latin1').toString('utf8');
  if (bytes(characters) !== text) return undefined;
  const replaced = replaceInSerialized(characters, (inner) => Buffer.from(replace(bytes(inner)), 'latin1').toString('utf8'));
  return replaced === undefined ? undefined : bytes(replaced);
}
