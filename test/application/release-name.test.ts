import { describe, expect, test } from 'vitest';
import { filesOf, releaseName } from '../../src/application/release-name.ts';

const digest = '0123456789abcdef'.repeat(4);
const nameOf = (shared: readonly string[], writable: readonly string[], before: readonly string[] = [], after: readonly string[] = []) =>
  releaseName({ source: { digest }, shared, writable, hooks: { before, after } });

describe('a release’s name', () => {
  test('depends only on the files if nothing is shared or writable', () => {
    expect(nameOf([], [])).toBe('0123456789ab');
  });

  test.each([
    ['something is shared', nameOf(['data'], [])],
    ['more is', nameOf(['data', 'uploads'], [])],
    ['it may be written instead', nameOf([], ['data'])],
    ['both are', nameOf(['uploads'], ['data'])],
    ['it has a hook', nameOf([], [], ['true'])],
    ['the hook runs later', nameOf([], [], [], ['true'])],
    ['it has another hook too', nameOf([], [], ['true', 'false'])],
    ['something is shared and it has a hook', nameOf(['data'], [], ['true'])],
  ])('differs if %s', (_, name) => {
    const all = [
      nameOf([], []),
      nameOf(['data'], []),
      nameOf(['data', 'uploads'], []),
      nameOf([], ['data']),
      nameOf(['uploads'], ['data']),
      nameOf([], [], ['true']),
      nameOf([], [], [], ['true']),
      nameOf([], [], ['true', 'false']),
      nameOf(['data'], [], ['true']),
    ];
    expect(all.filter((each) => each === name)).toHaveLength(1);
    expect(name).toMatch(/^01234567[0-9a-f]{4}$/);
    expect(filesOf(name)).toBe('01234567');
  });

  test('does not depend on the order of the paths', () => {
    expect(nameOf(['a', 'b'], ['c', 'd'])).toBe(nameOf(['b', 'a'], ['d', 'c']));
  });
});
