import { describe, expect, it } from 'vitest';
import { columnsOf, truncate, wrap } from '../../../src/cli/output/layout.ts';
import { printable } from '../../../src/printable.ts';

describe('wrap', () => {
  it.each([
    ['short', 20, 0, ['short']],
    ['', 20, 0, ['']],
    ['one two three', 8, 0, ['one two', 'three']],
    ['one two three', 9, 2, ['one two', '  three']],
    // A path is never broken, so that it can be copied.
    ['at /srv/www/foobar.com/current now', 12, 2, ['at', '  /srv/www/foobar.com/current', '  now']],
    ['    behind a head of four', 16, 4, ['    behind a', '    head of four']],
    ['wrong:\n  app: no such key', 16, 2, ['wrong:', '    app: no such', '    key']],
    ['日本語 日本語', 8, 0, ['日本語', '日本語']],
  ])('%j in %i columns', (text, width, indent, lines) => {
    expect(wrap(text, width, indent)).toEqual(lines);
  });
});

describe('truncate', () => {
  it.each([
    ['fits', 4, 'fits'],
    ['too long', 5, 'too …'],
    ['日本語', 5, '日本…'],
  ])('%j to %i columns', (text, width, shown) => {
    expect(truncate(text, width)).toBe(shown);
    expect(columnsOf(truncate(text, width))).toBeLessThanOrEqual(width);
  });
});

describe('printable', () => {
  it.each([
    ['colors', '\u001b[31mred\u001b[0m', 'red'],
    ['a title for the window', '\u001b]0;owned\u0007Debian', 'Debian'],
    ['a carriage return that would overwrite', 'fine\rgone', 'finegone'],
    ['newlines stay', 'one\ntwo', 'one\ntwo'],
  ])('%s', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });
});
