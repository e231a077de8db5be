import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Secret } from '../../src/command/secret.ts';
import { fingerprint } from '../../src/engine/manifest.ts';
import { secret, secretKind } from '../../src/resources/secret.ts';
import { changes, gone, reading } from './table.ts';

const value = new Secret("p'w $x");
const sum = createHash('sha256').update("p'w $x").digest('hex');
const other = 'a'.repeat(64);
const folder = '/etc/foobar-provision/secrets';
const undo = 'restore_secret db';

test.each([
  ['there', secret('db'), `${other}  db\n600 db\n`, []],
  ['there, as supplied', secret('db', { value }), `${sum}  db\n600 db\n`, []],
  ['missing', secret('db'), '', [{ action: 'create', summary: 'generate', apply: 'generate_secret db', undo }]],
  [
    'missing, supplied',
    secret('db', { value }),
    '',
    [
      {
        action: 'create',
        summary: 'store the supplied value',
        apply: 'store_secret db',
        undo,
        effects: [{ kind: 'supplies', name: 'db', value }],
      },
    ],
  ],
  [
    'different from the supplied one',
    secret('db', { value }),
    `${other}  db\n600 db\n`,
    [
      {
        action: 'update',
        summary: 'replace with the supplied value',
        basis: 'renewed',
        apply: 'store_secret db',
        undo,
        effects: [{ kind: 'supplies', name: 'db', value }],
      },
    ],
  ],
  [
    'readable to others',
    secret('db'),
    `${other}  db\n644 db\n`,
    [{ action: 'update', summary: 'mode 0644 -> 0600', apply: `chmod 0600 ${folder}/db`, undo: `chmod 644 ${folder}/db` }],
  ],
  [
    'of another host, where it does not exist yet',
    secret('db', { from: { host: 'root@b', value: undefined } }),
    '',
    [
      {
        action: 'create',
        summary: 'store the one of root@b',
        apply: 'store_secret db',
        undo,
        effects: [{ kind: 'carries', name: 'db', from: 'root@b' }],
      },
    ],
  ],
  [
    'of another host, which generates it again',
    secret('db', { from: { host: 'root@b', value: undefined } }),
    `${other}  db\n600 db\n`,
    [
      expect.objectContaining({
        action: 'update',
        summary: 'replace with the one of root@b',
        effects: [{ kind: 'carries', name: 'db', from: 'root@b' }],
      }),
    ],
  ],
  [
    'of another host, and different here',
    secret('db', { from: { host: 'root@b', value } }),
    `${other}  db\n600 db\n`,
    [expect.objectContaining({ action: 'update', effects: [{ kind: 'supplies', name: 'db', value }] })],
  ],
  ['of another host, and the same here', secret('db', { from: { host: 'root@b', value } }), `${sum}  db\n600 db\n`, []],
  [
    'to be removed',
    gone(secretKind, 'db'),
    `${other}  db\n600 db\n`,
    [expect.objectContaining({ action: 'remove', apply: 'remove_secret db', undo })],
  ],
  ['gone', gone(secretKind, 'db'), '', []],
])('%s', (_, resource, output, expected) => {
  expect(changes(secretKind, resource, output)).toEqual(expected);
});

test('one of another host has the same fingerprint before and after it is known', () => {
  const [before, after] = [undefined, value].map((known) => fingerprint(secret('db', { from: { host: 'root@b', value: known } })));
  expect(before).toBe(after);
});

test('sums and modes are read, never a secret', () => {
  expect(reading(secretKind, secret('db'), secret('x.env.KEY'))).toBe(
    `cd ${folder} 2>/dev/null && { sha256sum -- db x.env.KEY; stat -c '%a %n' -- db x.env.KEY; } 2>/dev/null`,
  );
});

test.each(['', '../x', 'a b', '.x', 'a/b'])('%j cannot be a name', (name) => {
  expect(() => secret(name)).toThrow(TypeError);
});

test.each(['', 'two\nlines', 'a\0b', 'a\r'])('%j is not a secret of a single line', (text) => {
  expect(() => secret('db', { value: new Secret(text) })).toThrow(TypeError);
});
