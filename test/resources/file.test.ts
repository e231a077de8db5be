import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sh } from '../../src/command/command.ts';
import { file, fileKind } from '../../src/resources/file.ts';
import { changes, gone, reading } from './table.ts';

const path = '/etc/x.conf';
const sum = (text: string) => createHash('sha256').update(text).digest('hex');
const stat = (mode = '0644', owner = 'root', group = 'root', type = 'regular file') => `${mode}\t${owner}\t${group}\t${type}\t${path}\n`;
const wanted = file(path, { content: 'a\n' });
const writes = (after: string) => ({ kind: 'writes', path, content: { after } });
const touches = { kind: 'touches', path };
const made = {
  stage: "stage_file /etc/x.conf 0644 root:root 'a\n' ",
  apply: 'install_staged /etc/x.conf',
  undo: 'restore_file /etc/x.conf',
  effects: [writes('a\n')],
};
const adopts = { kind: 'adopts', keep: sh`keep_original ${path}`, forget: sh`forget_original ${path}`, remember: { adopted: true } };
const adopting = [writes('a\n'), adopts];
const removed = {
  effects: [touches],
  stage: 'set_aside_original /etc/x.conf',
  apply: 'rm -f -- /etc/x.conf',
  undo: 'restore_file /etc/x.conf',
};

const returned = {
  effects: [touches],
  summary: 'restore the original',
  stage: 'stage_original /etc/x.conf',
  apply: 'install_staged /etc/x.conf\nforget_original /etc/x.conf',
  undo: 'keep_original /etc/x.conf\nrestore_file /etc/x.conf',
};

describe('file', () => {
  test.each([
    ['as desired', wanted, `${stat()}${sum('a\n')}  ${path}\n`, []],
    ['empty, as desired', file(path, { content: '' }), `${stat('0644', 'root', 'root', 'regular empty file')}${sum('')}  ${path}\n`, []],
    ['the newline at the end is added', file(path, { content: 'a' }), `${stat()}${sum('a\n')}  ${path}\n`, []],
    ['missing', wanted, '', [{ action: 'create', summary: 'create, mode 0644', ...made }]],
    [
      'missing, with an owner',
      file(path, { content: 'a', owner: 'web', group: 'adm', mode: '0640' }),
      '',
      [{ action: 'create', summary: 'create, mode 0640, owner web', ...made, stage: "stage_file /etc/x.conf 0640 web:adm 'a\n' " }],
    ],
    [
      'of other content',
      wanted,
      `${stat()}${sum('b\n')}  ${path}\n`,
      [{ action: 'update', summary: 'content', ...made, effects: adopting }],
    ],
    [
      'of other content, mode and owner',
      wanted,
      `${stat('0600', 'web', 'adm')}${sum('b\n')}  ${path}\n`,
      [{ action: 'update', summary: 'content, mode 0600 -> 0644, owner web -> root, group adm -> root', ...made, effects: adopting }],
    ],
    ['without a sum', wanted, stat(), [{ action: 'update', summary: 'content', ...made, effects: adopting }]],
    [
      'a link instead',
      wanted,
      `${stat('0777', 'root', 'root', 'symbolic link')}${sum('a\n')}  ${path}\n`,
      [{ action: 'update', summary: 'symbolic link -> regular file, mode 0777 -> 0644', ...made, effects: adopting }],
    ],
    [
      'to be removed',
      gone(fileKind, path),
      stat(),
      [{ action: 'remove', summary: 'remove', ...removed, stage: 'stage_removal /etc/x.conf' }],
    ],
    [
      'a link that is to be removed',
      file.absent(path),
      stat('0777', 'root', 'root', 'symbolic link'),
      [{ action: 'remove', summary: 'remove', ...removed }],
    ],
    [
      'to be removed once its package has installed it',
      file.absent(path, { broughtBy: 'x-common' }),
      `coming\t${path}\n`,
      [{ action: 'remove', summary: 'remove the file of its package', ...removed }],
    ],
    ['gone', file.absent(path, { broughtBy: 'x-common' }), '', []],
    [
      'removed earlier, and no longer to be absent',
      gone(fileKind, path, { aside: true }),
      `aside\t${path}\n`,
      [{ action: 'create', ...returned }],
    ],
    ['removed earlier, and somebody has created another', gone(fileKind, path, { aside: true }), `${stat()}aside\t${path}\n`, []],
    [
      'overwritten earlier, and no longer desired',
      gone(fileKind, path, { adopted: true }),
      `${stat()}aside\t${path}\n`,
      [{ action: 'update', ...returned }],
    ],
    [
      'overwritten earlier, and missing now',
      gone(fileKind, path, { adopted: true }),
      `aside\t${path}\n`,
      [{ action: 'create', ...returned }],
    ],
    ['overwritten earlier, and the original was not kept', gone(fileKind, path, { adopted: true }), stat(), []],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(fileKind, resource, output)).toEqual(expected);
  });

  describe('that names a secret is compared with the secret filled in', () => {
    const secret = file(path, { content: 'pw={{secret:db}}', mode: '0600', secrets: ['db'] });
    const there = (sum: string) => `${stat('0600')}${sum}  ${path}\nas\t1\t${path}\n`;
    const update = {
      ...made,
      action: 'update',
      summary: 'content',
      stage: "stage_file /etc/x.conf 0600 root:root 'pw={{secret:db}}\n' db",
      effects: [writes('pw={{secret:db}}\n'), adopts],
    };
    const filled = sum('pw=hunter2\n');

    test.each([
      ['as desired', `${there(filled)}${filled}  1.filled\n`, []],
      ['of another secret', `${there(sum('pw=old\n'))}${filled}  1.filled\n`, [update]],
      ['not filled at all', `${there(sum('pw={{secret:db}}\n'))}${filled}  1.filled\n`, [update]],
      ['whose secret the host does not have', there(filled), [update]],
    ])('%s', (_, output, expected) => {
      expect(changes(fileKind, secret, output)).toEqual(expected);
    });
  });

  test('reports when the content was changed, if the host knows', () => {
    expect(changes(fileKind, wanted, `${stat().trimEnd()}\t2026-01-02 03:04:05\n${sum('b\n')}  ${path}\n`)).toMatchObject([
      { summary: 'content (changed 2026-01-02 03:04:05)' },
    ]);
  });

  test('a path may contain spaces', () => {
    const spaced = file('/etc/a b', { content: 'a' });
    expect(changes(fileKind, spaced, `0644\troot\troot\tregular file\t/etc/a b\n${sum('a\n')}  /etc/a b\n`)).toEqual([]);
  });
});

test.each([
  ['a drop-in is removed with the files, before the unit is restarted', '/etc/systemd/system/x.service.d/own.conf', undefined],
  ['a unit is removed after it was stopped', '/etc/systemd/system/x.service', 'removal'],
])('%s', (_, unit, phase) => {
  const [change] = changes(fileKind, gone(fileKind, unit), `0644\troot\troot\tregular file\t${unit}\n`);
  expect(change).toMatchObject({ action: 'remove' });
  expect(change?.phase).toBe(phase);
});

describe('reading', () => {
  test('takes the same processes for two files and for a thousand', () => {
    const many = Array.from({ length: 1000 }, (_, index) => file(`/etc/many/${index}`, { content: '' }));
    const words = (text: string) => text.replace(/^files\(\) \{.*\}$/m, 'FILES');
    expect(words(reading(fileKind, ...many))).toBe(words(reading(fileKind, wanted, file('/etc/y', { content: '' }))));
  });

  test('uses these commands', () => {
    const all = [
      wanted,
      file.absent('/etc/a b', { broughtBy: 'ab' }),
      file('/etc/s', { content: '{{secret:db}}{{secret:x}}', secrets: ['db', 'x'] }),
    ];
    expect(reading(fileKind, ...all)).toMatchInlineSnapshot(`
      "files() { printf '%s\\0' /etc/x.conf '/etc/a b' /etc/s; }
      files | xargs -0 stat --printf '%04a\\t%U\\t%G\\t%F\\t%n\\t%.19y\\t%u\\t%g\\n' -- 2>/dev/null
      files | xargs -0 sha256sum -- 2>/dev/null
      is_set_up ab || printf 'coming	%s
      ' '/etc/a b'
      private_folder
      printf '%s' '{{secret:db}}{{secret:x}}
      ' >"$private/1"
      printf 'as	%s	%s
      ' 1 /etc/s
      fill_in_secrets "$private" 'db x'
      ( cd "$private" && sha256sum -- *.filled 2>/dev/null )"
    `);
  });
});
