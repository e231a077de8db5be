import { expect, test } from 'vitest';
import { loadHint } from '../../src/database/load-hint.ts';

test.each([
  ["ERROR 1044 (42000) at line 9: Access denied for user 'x'@'localhost' to database 'other'", 'That line names a database'],
  [
    '--------------\nSELECT 1\n--------------\n\nERROR 1273 (HY000) at line 12: Unknown collation',
    'does not know that character set or collation',
  ],
  ['ERROR 1227 (42000) at line 1: Access denied; you need SUPER', 'administrator rights on the server'],
  ["ERROR 1114 (HY000) at line 3: The table 'a' is full", 'disk of the host is full'],
  ['gzip: stdin: unexpected end of file', 'incomplete or damaged'],
  ['The dump ends too early: its last line is not the comment of a complete one.', 'incomplete or damaged'],
  ['something else', 'The message of the database server is above'],
])('%s', (stderr, hint) => expect(loadHint(stderr)).toContain(hint));
