import { expect, test } from 'vitest';
import { parseSince } from '../../src/logs/since.ts';

const now = new Date('2026-11-30T12:00:00Z');

test.each([
  ['90s', '2026-11-30T11:58:30.000Z'],
  ['30m', '2026-11-30T11:30:00.000Z'],
  ['2h', '2026-11-30T10:00:00.000Z'],
  ['1d', '2026-11-29T12:00:00.000Z'],
  ['2026-11-30T10:00:00+02:00', '2026-11-30T08:00:00.000Z'],
])('%s is %s', (text, at) => {
  expect(parseSince(text, now).toISOString()).toBe(at);
});

test('a date means its first moment in the local time zone, and any other text is a problem', () => {
  expect(parseSince('2026-11-29', now)).toEqual(new Date(2026, 10, 29));
  expect(() => parseSince('yesterday', now)).toThrow('"yesterday" is not a time.');
});
