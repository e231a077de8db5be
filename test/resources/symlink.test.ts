import { expect, test } from 'vitest';
import { symlink, symlinkKind } from '../../src/resources/symlink.ts';
import { changes, gone, reading } from './table.ts';

const path = '/etc/x';
const link = symlink(path, { to: '../a b' });
const effects = [{ kind: 'touches', path }];
const made = {
  effects,
  stage: `prepare_staging ${path} && ln -sfn -- '../a b' "$new" && back_up ${path}`,
  apply: `install_staged ${path}`,
  undo: `restore_file ${path}`,
};

test.each([
  ['as desired', link, 'l\t../a b\t/etc/x\n', []],
  ['missing', link, '', [{ action: 'create', summary: 'link to ../a b', ...made }]],
  ['elsewhere', link, 'l\t../b\t/etc/x\n', [{ action: 'update', summary: '../b -> ../a b', ...made }]],
  ['a file instead', link, 'f\t\t/etc/x\n', [{ action: 'update', summary: 'replace with a link to ../a b', ...made }]],
  [
    'to be removed',
    gone(symlinkKind, path),
    'l\t../a b\t/etc/x\n',
    [
      {
        action: 'remove',
        summary: 'remove',
        effects,
        stage: 'stage_removal /etc/x',
        apply: 'rm -f -- /etc/x',
        undo: 'restore_file /etc/x',
      },
    ],
  ],
  ['to be removed, but someone put a file there', gone(symlinkKind, path), 'f\t\t/etc/x\n', []],
  ['gone', gone(symlinkKind, path), '', []],
])('%s', (_, resource, output, expected) => {
  expect(changes(symlinkKind, resource, output)).toEqual(expected);
});

test('one process reads them all', () => {
  expect(reading(symlinkKind, link, symlink('/etc/y z', { to: 'q' }))).toBe(
    "find /etc/x '/etc/y z' -maxdepth 0 -printf '%y\t%l\t%p\n' 2>/dev/null",
  );
});
