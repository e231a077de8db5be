import { expect, test } from 'vitest';
import { selfSigned, selfSignedKind } from '../../src/resources/self-signed.ts';
import { changes, gone } from './table.ts';

const alone = selfSigned('x.test', { names: ['www.x.test', 'x.test'] });
const standsIn = selfSigned('x.test', { names: ['www.x.test', 'x.test'], standsIn: true });
const undo = 'restore_certificate x.test';
const make = (mode: string) => `create_certificate x.test ${mode} www.x.test x.test`;

test.each([
  ['missing', alone, '', [{ action: 'create', summary: 'create, for www.x.test, x.test', apply: make('alone'), undo }]],
  ['there', alone, 'x.test\tno\twww.x.test x.test\n', []],
  ['for other names', alone, 'x.test\tno\tx.test\n', [{ action: 'update', summary: 'for www.x.test, x.test', apply: make('alone'), undo }]],
  ['standing in', standsIn, 'x.test\tyes\twww.x.test x.test\n', []],
  [
    'to be a stand-in, and not in use yet',
    standsIn,
    'x.test\tno\twww.x.test x.test\n',
    [{ action: 'update', summary: 'use it, because there is no other certificate', apply: make('stands-in'), undo }],
  ],
  [
    'to be removed',
    gone(selfSignedKind, 'x.test'),
    'x.test\tno\tx.test\n',
    [
      {
        action: 'remove',
        phase: 'removal',
        summary: 'remove',
        apply: 'move_folder_away /etc/foobar-provision/tls/x.test/self',
        undo: 'restore_folder /etc/foobar-provision/tls/x.test/self',
      },
    ],
  ],
  ['gone', gone(selfSignedKind, 'x.test'), '', []],
])('%s', (_, resource, output, expected) => {
  expect(changes(selfSignedKind, resource, output)).toEqual(expected);
});
