import { expect, test } from 'vitest';
import { sh } from '../../src/command/command.ts';
import { command, commandKind } from '../../src/resources/command.ts';
import { changes, reading } from './table.ts';

const swap = command('make swap', { run: sh`mkswap /swap`, unless: sh`test -s /swap`, undo: sh`rm -f /swap` });

test.each([
  ['its guard holds', swap, 'done\tmake swap\n', []],
  ['its guard does not hold', swap, '', [{ action: 'run', summary: 'run', apply: 'mkswap /swap', undo: 'rm -f /swap' }]],
  ['another guard holds', swap, 'done\tmake\n', [expect.objectContaining({ action: 'run' })]],
  ['it cannot be undone', command('x', { run: sh`a`, unless: sh`b` }), '', [{ action: 'run', summary: 'run', apply: 'a' }]],
])('%s', (_, resource, output, expected) => {
  expect(changes(commandKind, resource, output)).toEqual(expected);
});

test('each guard runs in a separate shell', () => {
  expect(reading(commandKind, swap, command('two', { run: sh`a`, unless: sh`b; exit 1` }))).toBe(
    "( test -s /swap\n) >/dev/null 2>&1 && printf 'done\t%s\n' 'make swap'\n( b; exit 1\n) >/dev/null 2>&1 && printf 'done\t%s\n' two",
  );
});
