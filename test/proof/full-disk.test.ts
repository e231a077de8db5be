import { describe, expect, test } from 'vitest';
import { updateWith } from '../engine/durable.ts';
import type { Room } from '../engine/small-disk.ts';

const upTo = (end: number, step = 1) => Array.from({ length: Math.ceil(end / step) }, (_, index) => index * step);

/** From nothing left to enough, so that each write of a run is the first that fails. */
describe.skipIf(process.getuid?.() !== 0)('a disk that becomes full at any write of a run', () => {
  test.each<readonly [string, Room, readonly number[]]>([
    ['/var/lib/foobar-provision', 'pages', [...upTo(40, 8), ...upTo(80).slice(40)]],
    // A run's journal is there before it begins, as its script is.
    ['/var/lib/foobar-provision', 'inodes', upTo(40).slice(2)],
    ['/etc', 'pages', upTo(12)],
    ['/etc', 'inodes', upTo(16)],
    ['/srv', 'pages', upTo(8)],
    ['/srv', 'inodes', upTo(16)],
  ])('%s, in %s', { timeout: 1_200_000 }, (folder, room, lefts) => {
    const fitted = lefts.map((left) => updateWith(room, left, folder));
    // None that fits is followed by one that does not.
    expect(fitted).toEqual([...fitted].sort((one, other) => Number(one) - Number(other)));
    expect([fitted[0], fitted.at(-1)]).toEqual([false, true]);
  });
});
