import { expect, test } from 'vitest';
import { refusedWrites } from '../../src/health/refused-writes.ts';

const root = '/srv/www/a.test/current';
const at = '[01-Dec-2026 10:00:00 UTC] PHP Warning:  ';
const refused = (call: string) => `${at}${call}: Failed to open stream: Read-only file system in ${root}/install.php on line 3`;

test.each<readonly [string, readonly string[], RegExp | undefined]>([
  ['nothing', [], undefined],
  ['another error', [`${at}Undefined variable $a in ${root}/a.php on line 1`], undefined],
  ['a file', [refused(`file_put_contents(${root}/config.php)`)], /write config\.php, but a release is read-only/],
  ['the same file again', [1, 2].map(() => refused(`fopen(${root}/config.php)`)), /write config\.php, but/],
  ['without rights', [`${at}fopen(${root}/data/x): Failed to open stream: Permission denied in x on line 1`], /write data\/x, but/],
  ['many', ['a', 'b', 'c', 'd', 'e'].map((name) => refused(`touch(${root}/${name})`)), /write a, b, c and 2 more, but/],
  ['a file that it may write now', [refused(`fopen(${root}/uploads/a)`)], undefined],
  ["a file that is not the application's", [refused('fopen(/etc/a)')], undefined],
])('%s', (_, lines, expected) => {
  const found = refusedWrites(lines, { root, writable: ['uploads'] });
  if (expected === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(expected);
});
