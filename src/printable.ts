import { stripVTControlCharacters } from 'node:util';

/** Text of a host's or a file's, without anything that could move the cursor or recolour the screen. Newlines stay. */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll('\t', '  ')
    .replaceAll(/[^\P{Cc}\n]/gu, '')
    .replaceAll(reordering, '');
}

/** What makes a terminal show text in another order, or as another line, than it is. */
const reordering = /[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** The last look at whatever is written to a terminal: our colours pass, and nothing else that moves or changes it. */
export function onlyColours(text: string): string {
  // The parentheses keep the colours as the odd parts.
  return text
    .split(/(\x1b\[[\d;]*m)/)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}
