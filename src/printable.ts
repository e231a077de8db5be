import { stripVTControlCharacters } from 'node:util';

/** Removes from a host's or a file's text everything that could move the cursor or change colors. Keeps newlines. */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll('\t', '  ')
    .replaceAll(/[^\P{Cc}\n]/gu, '')
    .replaceAll(reordering, '');
}

/** Characters that make a terminal show text in another order or on another line. */
const reordering = /[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Filters everything that is written to a terminal: it keeps our colors, and removes all other control sequences. */
export function onlyColors(text: string): string {
  // With the parentheses, `split` returns the colors as the odd parts.
  return text
    .split(/(\x1b\[[\d;]*m)/)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}
