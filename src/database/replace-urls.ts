import { replaceInSerialized } from './php-serialized.ts';

/** The names of a site, and what stands in their place at another one. */
export interface UrlChange {
  readonly from: readonly string[];
  readonly to: { readonly name: string; readonly scheme: 'http' | 'https' };
}

/** Replaces something in values. A value is a text with a character for each byte. */
export interface Replacer {
  /** Returns whether a text with many values may have one that changes. */
  readonly concerns: (text: string) => boolean;
  readonly replace: (value: string) => string;
}

/** Returns what replaces a site's addresses. */
export function urlReplacer({ from, to }: UrlChange): Replacer {
  const names = from.map((name) => name.replaceAll(/[.-]/g, '\\$&')).join('|');
  // Plain, as in JSON (also several times), and as in a query.
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
    // The networks of WordPress have names alone in a column.
    if (lowerNames.includes(text.toLowerCase())) return to.name;
    if (!/^(?:[aOsC]:\d)/.test(text)) return plain(text);
    return replaceInSerialized(text, replace) ?? inCharacters(text, replace) ?? plain(text);
  };
  return { concerns: (text) => anyName.test(text), replace };
}

/** The same for a table in Latin-1, whose lengths count the characters that the dump has in UTF-8. */
function inCharacters(text: string, replace: (inner: string) => string): string | undefined {
  const bytes = (characters: string) => Buffer.from(characters, 'utf8').toString('latin1');
  const characters = Buffer.from(text, 'latin1').toString('utf8');
  if (bytes(characters) !== text) return undefined;
  const replaced = replaceInSerialized(characters, (inner) => Buffer.from(replace(bytes(inner)), 'latin1').toString('utf8'));
  return replaced === undefined ? undefined : bytes(replaced);
}
