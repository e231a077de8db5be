import { expect, test } from 'vitest';
import type { Resource } from '../../src/engine/resource.ts';
import { parseName } from '../../src/engine/resource-id.ts';
import { directory, directoryKind } from '../../src/resources/directory.ts';
import { changes, gone, reading, type Shown } from './table.ts';

const path = '/srv/a b';
const q = "'/srv/a b'";
const own = (owner: string, mode: string) => `make_owned_folder ${q} ${mode} ${owner}`;

const full = `0700\tweb\tadm\tdirectory\t${path}\n`;
const touches = { kind: 'touches', path } as const;
const removal = { action: 'remove', phase: 'removal', effects: [touches] } as const;
const rmdir = `remove_if_empty ${q}`;
const back = own('web:adm', '0700');

test.each<readonly [string, Resource, string, readonly Shown[]]>([
  ['as desired', directory(path), `0755\troot\troot\tdirectory\t${path}\n`, []],
  ['as desired, with an owner', directory(path, { owner: 'web', mode: '2750' }), `2750\tweb\tweb\tdirectory\t${path}\n`, []],
  [
    'missing',
    directory(path, { owner: 'web', group: 'adm', mode: '0750' }),
    '',
    [
      {
        action: 'create',
        summary: 'create, mode 0750, owner web',
        effects: [touches],
        apply: own('web:adm', '0750'),
        undo: `remove_if_empty ${q}`,
      },
    ],
  ],
  [
    'of another owner and mode',
    directory(path),
    `0777\tweb\troot\tdirectory\t${path}\n`,
    [
      {
        action: 'update',
        summary: 'mode 0777 -> 0755, owner web -> root',
        effects: [touches],
        apply: own('root:root', '0755'),
        undo: own('web:root', '0777'),
      },
    ],
  ],
  [
    'a file instead',
    directory(path),
    `0755\troot\troot\tregular file\t${path}\n`,
    [
      {
        action: 'update',
        summary: 'regular file -> directory',
        effects: [touches],
        stage: `stage_removal ${q}`,
        apply: `rm -f ${q}\n${own('root:root', '0755')}`,
        undo: `restore_file ${q}`,
      },
    ],
  ],
  ...(['others', 'ours', 'data'] as const).map((holds): [string, Resource, string, Shown[]] => [
    `to go, empty (${holds})`,
    gone(directoryKind, path, { holds }),
    `0700\tweb\tadm\tdirectory\t${path}\nempty\t${path}\n`,
    [{ ...removal, summary: 'remove', apply: rmdir, undo: back }],
  ]),
  [
    'to be removed, with what others put there',
    gone(directoryKind, path, { holds: 'others' }),
    full,
    [{ ...removal, summary: 'remove once it is empty', apply: rmdir, undo: back }],
  ],
  [
    'to be removed, with what we put there',
    gone(directoryKind, path, { holds: 'ours' }),
    full,
    [{ ...removal, summary: 'remove, with the files of earlier runs', apply: `move_folder_away ${q}`, undo: `restore_folder ${q}` }],
  ],
  [
    'to be removed, with data in it',
    gone(directoryKind, path, { holds: 'data' }),
    full,
    [
      {
        ...removal,
        summary: 'remove, with everything in it',
        apply: `move_folder_away ${q}`,
        undo: `restore_folder ${q}`,
        effects: [touches, { kind: 'destroys', what: 'data', owners: ['user:web', 'group:web', 'group:adm'].map(parseName) }],
      },
    ],
  ],
  [
    'to be removed, of ours, with logs in it',
    gone(directoryKind, '/var/log/php/a', { holds: 'ours' }),
    '0750\tweb\tadm\tdirectory\t/var/log/php/a\n',
    [
      expect.objectContaining({
        summary: 'remove, with its logs',
        effects: expect.arrayContaining([expect.objectContaining({ kind: 'destroys', what: 'logs' })]),
      }),
    ],
  ],
  [
    'to be removed, of ours, without any logs',
    gone(directoryKind, '/var/log/php/a', { holds: 'ours' }),
    '0750\tweb\tadm\tdirectory\t/var/log/php/a\nempty\t/var/log/php/a\n',
    [expect.objectContaining({ summary: 'remove' })],
  ],
  [
    'to be removed, with an invalid record of its contents',
    gone(directoryKind, path, { holds: 7 }),
    full,
    [expect.objectContaining({ summary: 'remove once it is empty', apply: rmdir })],
  ],
  ['to be removed, but someone put a file there', gone(directoryKind, path), `0644\troot\troot\tregular file\t${path}\n`, []],
  [
    'to be removed, in a folder of somebody else, with which it is removed',
    gone(directoryKind, path, { holds: 'ours' }),
    `${full}others\t/srv\n`,
    [],
  ],
  ['gone', gone(directoryKind, path, { holds: 'data' }), '', []],
])('%s', (_, resource, output, expected) => {
  expect(changes(directoryKind, resource, output)).toEqual(expected);
});

test('the kind of its content is recorded', () => {
  expect(directory(path, { holds: 'data' }).remember).toEqual({ holds: 'data' });
});

test('one process reads them all, and another one reports which of those to remove are empty', () => {
  const stat = (paths: string) => `stat --printf '%04a\\t%U\\t%G\\t%F\\t%n\\t%.19y\\t%u\\t%g\\n' -- ${paths} 2>/dev/null`;
  expect(reading(directoryKind, directory(path), directory('/srv/b'))).toBe(`${stat(`${q} /srv/b`)}\n:\n:`);
  expect(reading(directoryKind, directory(path), gone(directoryKind, '/srv/b'))).toBe(
    `${stat(`${q} /srv/b`)}\nfind /srv -maxdepth 0 ! -user 0 -printf 'others\t%p\n' 2>/dev/null\nfind /srv/b -maxdepth 0 -type d -empty -printf 'empty\t%p\n' 2>/dev/null`,
  );
});

test('an exclusive folder reports whether something else is in it', () => {
  const shared = directory('/srv/web/shared', { holds: 'data', exclusive: true });
  expect(reading(directoryKind, directory('/srv/web', { exclusive: true }), shared)).toContain(
    String.raw`find /srv/web/shared -maxdepth 0 -type d -empty -printf 'empty	%p
' 2>/dev/null
find /srv/web -mindepth 1 -maxdepth 1 ! -type l '!' -path /srv/web '!' -path /srv/web/shared -printf 'stranger %h/%f\0' 2>/dev/null | tr '
	\0' '  
'`,
  );
});
