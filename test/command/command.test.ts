import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { inParallel, lines, quote, sh, withInput } from '../../src/command/command.ts';
import { shellText } from '../../src/command/shell-text.ts';

// These tests start processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Returns the words as dash parses them, with one process for all. */
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

  test('dash returns every string as one word', () => {
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

  test('rejects a NUL byte, which no argument can contain', () => {
    expect(() => quote('a\0b')).toThrow(/NUL/);
  });
});

describe('sh', () => {
  test.each([
    ['a word', sh`rm -- ${'a b'}`, "rm -- 'a b'"],
    ['a number', sh`tail -n ${3}`, 'tail -n 3'],
    ['a list, each word for itself', sh`stat ${['a', 'b c', 4]}`, "stat a 'b c' 4"],
    ['an empty list', sh`for x in ${[]}; do :; done`, 'for x in ; do :; done'],
    ['a command, as it is', sh`( ${sh`a && b`} )`, '( a && b )'],
    ['commands on separate lines', lines(sh`a`, sh`b ${'$c'}`), "a\nb '$c'"],
  ])('%s', (_, command, text) => {
    expect(command).toEqual({ kind: 'command', text });
  });
});

describe('in parallel', () => {
  const printed = (text: string) => spawnSync('dash', ['-s'], { input: text, encoding: 'utf8' }).stdout;

  test.each<readonly [readonly string[], string]>([
    [[], ''],
    [['echo one'], 'one\n'],
    [['echo one', 'echo two; exit 3', 'x=1; echo three'], 'three\ntwo\none\n'],
    // The output is larger than a pipe's buffer, and no script reads another's output.
    [['head -c 300000 /dev/zero | tr "\\0" x', 'cat', 'echo done'], `done\n${'x'.repeat(300_000)}`],
  ])('%j', (scripts, output) => {
    expect(printed(inParallel(scripts.map(shellText)).text)).toBe(output);
  });

  test('takes as long as the longest', () => {
    const began = performance.now();
    printed(inParallel([sh`sleep 1`, sh`sleep 1`, sh`sleep 1`, sh`sleep 1`]).text);
    expect(performance.now() - began).toBeLessThan(2500);
  });

  test('continues even if a command fails or exits', () => {
    expect(printed(sh`${inParallel([sh`exit 1`, sh`false`, sh`cd /tmp; x=2`])}\nprintf '%s %s' "$(pwd)" "\${x:-none}"`.text)).toBe(
      `${process.cwd()} none`,
    );
  });
});

describe('with input', () => {
  const printed = (command: { readonly text: string }) => spawnSync('dash', ['-s'], { input: command.text, encoding: 'utf8' }).stdout;

  test.each(['', 'one', "it's $HOME `id` \\\n\n two\n"])('nothing in %j is expanded', (text) => {
    expect(printed(lines(withInput(sh`cat`, text), sh`echo next`))).toBe(`${text}${text === '' || text.endsWith('\n') ? '' : '\n'}next\n`);
  });

  test('a text that contains the end mark is rejected', () => {
    expect(() => withInput(sh`cat`, 'a\nEND\nrm', 'END')).toThrow(/END/);
    expect(() => withInput(sh`cat`, 'END', 'END')).toThrow(/END/);
    expect(printed(withInput(sh`cat`, 'END of it\n END', 'END'))).toBe('END of it\n END\n');
  });
});
