import { expect, test } from 'vitest';
import { definitionsOf } from '../../src/engine/shell-library.ts';
import { nftables, nftablesKind } from '../../src/resources/nftables.ts';
import { changes, gone, reading } from './table.ts';

const own = nftables('own', { file: '/etc/own.nft', content: 'table inet own { comment "it\'s"; }' });
const load = { apply: 'back_up_table own\nnft -f /etc/own.nft', undo: 'restore_table own', effects: [{ kind: 'may-lock-out' }] };

test.each([
  ['as desired', own, 'same\town\n', []],
  ['not loaded, or no nft yet', own, '', [{ action: 'create', summary: 'load /etc/own.nft', ...load }]],
  ['changed at run time', own, 'other\town\n', [{ action: 'update', summary: 'reload the rules', ...load }]],
  [
    'to be removed',
    gone(nftablesKind, 'own'),
    'other\town\n',
    [
      {
        action: 'remove',
        phase: 'state',
        summary: 'remove the rules',
        apply: 'back_up_table own\nremove_table own',
        undo: 'restore_table own',
        effects: [{ kind: 'may-lock-out' }],
      },
    ],
  ],
  ['gone', gone(nftablesKind, 'own'), '', []],
])('%s', (_, resource, output, expected) => {
  expect(changes(nftablesKind, resource, output)).toEqual(expected);
});

test('the desired rules are normalized by the host’s own nft, in a separate network namespace', () => {
  expect(reading(nftablesKind, own)).toContain(`\nread_table own 'table inet own`);
  expect(definitionsOf(nftablesKind.shell.read).text).toContain(`unshare -n sh -c 'nft -f - && nft -st list table inet "$1"' sh "$1"`);
});

test.each(['', 'a b', 'x;reboot', 'Own'])('%j cannot be the name of a table', (name) => {
  expect(() => nftables(name, { file: '/x', content: '' })).toThrow(TypeError);
});
