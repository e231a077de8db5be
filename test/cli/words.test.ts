import { expect, test } from 'vitest';
import { wordsAfterTarget } from '../../src/cli/words.ts';

const form = { first: ['on', 'off'], usage: 'on|off' };

test.each<readonly [string, readonly string[], readonly string[]]>([
  ['on', [], ['on']],
  ['host on', ['host'], ['on']],
  ['host off more', ['host'], ['off', 'more']],
  ['on on', [], ['on', 'on']],
])('%s', (typed, target, words) => {
  expect(wordsAfterTarget(typed.split(' '), 'maintenance', form)).toEqual({ target, words });
});

test('a missing word is a usage problem, unless it may be left out', () => {
  expect(() => wordsAfterTarget(['host'], 'maintenance', form)).toThrow('maintenance needs one of on, off, not host.');
  expect(() => wordsAfterTarget([], 'maintenance', form)).toThrow('maintenance needs one of on, off.');
  expect(wordsAfterTarget(['host'], 'logs', { ...form, optional: true })).toEqual({ target: ['host'], words: [] });
});
