import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { lines, quote, sh, shell } from '../../src/command/command.ts';

// Processes are started here, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** What dash makes of words in a row, one process for all of them. */
function words(text: string): readonly string[] {
  const { stdout, stderr, status } = spawnSync('dash', ['-s'], { input: `printf '%s\\0' ${text}`, maxBuffer: 64 * 2 ** 20 });
  if (status !== 0) throw new Error(stderr.toString());
  return stdout.toString().split('\0').slice(0, -1);
}

describe('quote', () => {
  test.each([
    ['plain', 'plain'],
    ['/srv/www/foobar.com', '/srv/www/foobar.com'],
    ['', "''"],
    ['two words', "'two words'"],
    ["it's", "'it'\\''s'"],
    ['$HOME', "'$HOME'"],
    ['~', "'~'"],
    ['a\nb', "'a\nb'"],
  ])('%j becomes %s', (word, expected) => {
    expect(quote(word)).toBe(expected);
  });

  test('dash gives back every string, as one word', () => {
    const word = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'\'"\\$`!*?~#&|;<>(){}[] \t\r\n-=%a') }));
    fc.assert(
      fc.property(
        fc.array(
          word.map((text) => text.replaceAll('\0', '')),
          { minLength: 200, maxLength: 400 },
        ),
        (all) => {
          expect(words(all.map(quote).join(' '))).toEqual(all);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('refuses what no argument can hold', () => {
    expect(() => quote('a\0b')).toThrow(/NUL/);
  });
});

describe('sh', () => {
  test.each([
    ['a word', sh`rm -- ${'a b'}`, "rm -- 'a b'"],
    ['a number', sh`tail -n ${3}`, 'tail -n 3'],
    ['a list, each word for itself', sh`stat ${['a', 'b c', 4]}`, "stat a 'b c' 4"],
    ['an empty list', sh`for x in ${[]}; do :; done`, 'for x in ; do :; done'],
    ['a command, as it is', sh`( ${shell('a && b')} )`, '( a && b )'],
    ['commands on lines of their own', lines(sh`a`, sh`b ${'$c'}`), "a\nb '$c'"],
  ])('%s', (_, command, text) => {
    expect(command).toEqual({ kind: 'command', text });
  });
});
