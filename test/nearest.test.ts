import { expect, test } from 'vitest';
import { nearest } from '../src/nearest.ts';

const keys = ['domain', 'aliases', 'app', 'php', 'database', 'packages', 'healthPath'];

test.each([
  ['domian', 'domain'],
  ['Domain', 'domain'],
  ['domains', 'domain'],
  ['databse', 'database'],
  ['healtpath', 'healthPath'],
  ['ap', 'app'],
  ['pph', undefined],
  ['server', undefined],
  ['', undefined],
])('%j was meant as %j', (word, expected) => {
  expect(nearest(word, keys)).toBe(expected);
});

test('of nothing nothing is near', () => {
  expect(nearest('x', [])).toBeUndefined();
});
