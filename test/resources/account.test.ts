import { describe, expect, test } from 'vitest';
import { group, groupKind, user, userKind } from '../../src/resources/account.ts';
import { changes, gone, reading } from './table.ts';

describe('group', () => {
  const add = 'getent group web >/dev/null || groupadd --system web';
  const remove = '! getent group web >/dev/null || groupdel web';

  test.each([
    ['is there', group('web'), 'web:x:993:\n', []],
    ['is missing', group('web'), '', [{ action: 'create', summary: 'create', apply: add, undo: remove }]],
    [
      'another of a longer name is there',
      group('web'),
      'web2:x:994:\n',
      [{ action: 'create', summary: 'create', apply: add, undo: remove }],
    ],
    [
      'is to go',
      gone(groupKind, 'web'),
      'web:x:993:\n',
      [
        {
          action: 'remove',
          phase: 'removal',
          summary: 'remove',
          apply: remove,
          undo: 'getent group web >/dev/null || groupadd --gid 993 web',
        },
      ],
    ],
    ['has gone', gone(groupKind, 'web'), '', []],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(groupKind, resource, output)).toEqual(expected);
  });

  test('one process reads them all', () => {
    expect(reading(groupKind, group('web'), group('shop'))).toBe('getent group web shop');
  });

  test.each(['Web', 'a b', '1web', '', 'a'.repeat(33), 'web;id'])('%j is no name', (name) => {
    expect(() => group(name)).toThrow(TypeError);
  });
});

describe('user', () => {
  const web = user('web', { home: '/srv/www/foobar.com' });
  const there = 'web:x:993:993::/srv/www/foobar.com:/usr/sbin/nologin\nweb:x:993:\nadm:x:4:\n';
  const remove = '! getent passwd web >/dev/null || userdel web';
  const back = 'usermod --shell /usr/sbin/nologin --gid 993 web';

  test.each([
    ['is there', web, there, []],
    [
      'is missing',
      web,
      'web:x:993:\n',
      [
        {
          action: 'create',
          summary: 'create',
          apply:
            'getent passwd web >/dev/null || useradd --system --no-create-home --home-dir /srv/www/foobar.com --shell /usr/sbin/nologin --gid web web',
          undo: remove,
        },
      ],
    ],
    [
      'lives elsewhere, may log in, and has another group',
      user('web', { home: '/home/web', shell: '/bin/sh', group: 'adm' }),
      there,
      [
        {
          action: 'update',
          summary: 'home /srv/www/foobar.com -> /home/web, shell /usr/sbin/nologin -> /bin/sh, group -> adm',
          apply: 'rehome web /home/web\nusermod --shell /bin/sh --gid adm web',
          undo: `rehome web /srv/www/foobar.com\n${back}`,
        },
      ],
    ],
    [
      'has lost its group',
      web,
      'web:x:993:993::/srv/www/foobar.com:/usr/sbin/nologin\n',
      [expect.objectContaining({ summary: 'group -> web', undo: back })],
    ],
    [
      'has a home and a shell that only quoting survives',
      web,
      'web:x:993:993::/srv/$(id) x:\nweb:x:993:\n',
      [expect.objectContaining({ undo: "rehome web '/srv/$(id) x'\nusermod --shell '' --gid 993 web" })],
    ],
    [
      'is to go',
      gone(userKind, 'web'),
      there,
      [
        {
          action: 'remove',
          phase: 'removal',
          summary: 'remove',
          apply: 'remove_user web',
          undo: [
            'getent group 993 >/dev/null || groupadd --gid 993 web',
            'getent passwd web >/dev/null || useradd --no-create-home --uid 993 --gid 993 --home-dir /srv/www/foobar.com --shell /usr/sbin/nologin web',
          ].join('\n'),
        },
      ],
    ],
    ['has gone', gone(userKind, 'web'), '', []],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(userKind, resource, output)).toEqual(expected);
  });

  test('two processes read them all, with their groups', () => {
    expect(reading(userKind, web, user('shop', { home: '/srv/shop', group: 'adm' }), gone(userKind, 'old'))).toBe(
      'getent passwd web shop old\ngetent group web adm old',
    );
  });
});

describe('the system’s own accounts and groups', () => {
  test.each(['root', 'daemon', 'www-data', 'sudo', 'nobody'])('%s is nobody’s to make, and nothing adopts it', (name) => {
    expect(() => user(name, { home: '/srv/x' })).toThrow('choose another name');
    expect(() => group(name)).toThrow('choose another name');
  });
});
