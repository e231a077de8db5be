import { expect, test } from 'vitest';
import { releaseLines } from '../../../src/cli/output/release.ts';

const event = { event: 'sending', host: 'web', id: 'bbb', added: [], changed: ['a\nb'], removed: [] } as const;
const many = Array.from({ length: 12 }, (_, n) => `f${n}`);

test.each([
  ['a first release', { ...event, added: many }, true, ['release bbb: 12 files']],
  ['one made from another', { ...event, base: 'aaa' }, false, ['release bbb, from aaa: 0 added, 1 changed, 0 removed']],
  ['the same with its names', { ...event, base: 'aaa' }, true, ['release bbb, from aaa: 0 added, 1 changed, 0 removed', '    ~ a\\nb']],
  [
    'one with many names',
    { ...event, base: 'aaa', changed: [], removed: many },
    true,
    ['release bbb, from aaa: 0 added, 0 changed, 12 removed', ...many.slice(0, 10).map((name) => `    - ${name}`), '    - … and 2 more'],
  ],
  ['one that is repaired', { ...event, base: 'bbb' }, true, []],
])('%s', (_, sending, names, expected) => {
  expect(releaseLines(sending, names)).toEqual(expected);
});
