import { describe, expect, test } from 'vitest';
import { group, groupKind, user, userKind } from '../../src/resources/account.ts';
import { changes, gone, reading } from './table.ts';

describe('group', () => {
  const add = 'create_account group web';
  const remove = 'undo_create_account group web';
  const record = '/var/lib/foobar-provision/accounts/group-web:993\n';

  test.each([
    ['is there', group('web'), `web:x:993:\n${record}`, []],
    ['is missing', group('web'), '', [{ action: 'create', summary: 'create', apply: add, undo: remove }]],
    [
      'another one with a longer name exists',
      group('web'),
      'web2:x:994:\n',
      [{ action: 'create', summary: 'create', apply: add, undo: remove }],
    ],
    [
      'is to be removed',
      gone(groupKind, 'web'),
      `web:x:993:\n${record}`,
      [
        {
          action: 'remove',
          phase: 'removal',
          summary: 'remove',
          apply: '! getent group web >/dev/null || groupdel web\nforget_number group web',
          undo: 'getent group web >/dev/null || groupadd --gid 993 web\nrecord_number group web 993',
        },
      ],
    ],
    ['has gone', gone(groupKind, 'web'), '', []],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(groupKind, resource, output)).toEqual(expected);
  });

  test('two processes read them all', () => {
    expect(reading(groupKind, group('web'), group('shop'))).toBe(
      "getent group web shop\ngrep -sH '' /var/lib/foobar-provision/accounts/group-web /var/lib/foobar-provision/accounts/group-shop",
    );
  });

  test.each(['Web', 'a b', '1web', '', 'a'.repeat(33), 'web;id'])('%j cannot be a name', (name) => {
    expect(() => group(name)).toThrow(TypeError);
  });
});

describe('user', () => {
  const web = user('web', { home: '/srv/www/foobar.com' });
  const record = '/var/lib/foobar-provision/accounts/user-web:993\n';
  const there = `web:x:993:993::/srv/www/foobar.com:/usr/sbin/nologin\nweb:x:993:\nadm:x:4:\n${record}`;
  const remove = 'undo_create_account user web';
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
          apply: 'create_account user web --no-create-home --home-dir /srv/www/foobar.com --shell /usr/sbin/nologin --gid web',
          undo: remove,
        },
      ],
    ],
    [
      'has another home, shell and group',
      user('web', { home: '/home/web', shell: '/bin/sh', group: 'adm' }),
      there,
      [
        {
          action: 'update',
          summary: 'home /srv/www/foobar.com -> /home/web, shell /usr/sbin/nologin -> /bin/sh, group -> adm',
          apply: 'change_home web /home/web\nusermod --shell /bin/sh --gid adm web',
          undo: `:\nchange_home web /srv/www/foobar.com\n${back}`,
        },
      ],
    ],
    [
      'has lost its group',
      web,
      `web:x:993:993::/srv/www/foobar.com:/usr/sbin/nologin\n${record}`,
      [expect.objectContaining({ summary: 'group -> web', undo: `:\n${back}` })],
    ],
    [
      'has a home and a shell that must be quoted',
      web,
      `web:x:993:993::/srv/$(id) x:\nweb:x:993:\n${record}`,
      [expect.objectContaining({ undo: ":\nchange_home web '/srv/$(id) x'\nusermod --shell '' --gid 993 web" })],
    ],
    [
      'is to be removed',
      gone(userKind, 'web'),
      there,
      [
        {
          action: 'remove',
          phase: 'removal',
          summary: 'remove',
          apply: 'remove_user web\nforget_number user web',
          undo: [
            'getent group 993 >/dev/null || groupadd --gid 993 web',
            'getent passwd web >/dev/null || useradd --no-create-home --uid 993 --gid 993 --home-dir /srv/www/foobar.com --shell /usr/sbin/nologin web',
            'record_number user web 993',
          ].join('\n'),
        },
      ],
    ],
    ['has gone', gone(userKind, 'web'), '', []],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(userKind, resource, output)).toEqual(expected);
  });

  test('three processes read them all, with their groups', () => {
    expect(reading(userKind, web, user('shop', { home: '/srv/shop', group: 'adm' }), gone(userKind, 'old'))).toBe(
      `getent passwd web shop old\ngetent group web adm old\ngrep -sH '' ${['web', 'shop', 'old'].map((name) => `/var/lib/foobar-provision/accounts/user-${name}`).join(' ')}`,
    );
  });
});

describe('the number of an account', () => {
  const trees = ['/srv/www/web', '/var/log/php/web'];
  const web = user('web', { home: '/srv/web', trees });
  const there = 'web:x:998:998::/srv/web:/usr/sbin/nologin\nweb:x:998:\n';
  const record = '/var/lib/foobar-provision/accounts/user-web:999\n';
  const settle = (numbers: string) => `reassign_old_files user web ${numbers} /srv/www/web /var/log/php/web`;

  test.each<[string, string, string, string]>([
    ['differs from the recorded one', there + record, 'number 999 -> 998 for the files that it owns', settle("''")],
    ['was never recorded', there, 'record its number 998', settle("''")],
    [
      'is not the owner of everything in its folders',
      `${there}${record.replace('999', '998')}stray:1234::/srv/www/web\nstray:1235::/srv/www/other\nstray:998:web:/srv/www/web\n`,
      'take over the files in /srv/www/web of number 1234, which no account has',
      settle('1234'),
    ],
    [
      'now belongs to another system account, and a person’s files stay',
      `${there}${record.replace('999', '998')}stray:997:redis:/srv/www/web\nstray:1000:anna:/srv/www/web\n`,
      'take over the files in /srv/www/web of number 997, which is redis',
      settle('997'),
    ],
  ])('%s', (_, output, summary, apply) => {
    expect(changes(userKind, web, output)).toEqual([{ action: 'update', summary, apply, undo: ':' }]);
  });

  test('of a new group is not one that is in use', () => {
    const its = group('web', { trees: ['/srv/www/web'] });
    const found = (stray: string) => changes(groupKind, its, `web:x:998:\n${record.replace('user-web:999', 'group-web:998')}${stray}`);
    expect(found('stray:995:deployers:/srv/www/web\n')).toEqual([]);
    expect(found('stray:995::/srv/www/web\n')).toMatchObject([
      { summary: 'take over the files in /srv/www/web of number 995, which no account has' },
    ]);
  });

  test('is the same after the account was deleted and created again', () => {
    expect(changes(userKind, web, `web:x:998:\n${record}`)).toEqual([
      expect.objectContaining({
        summary: 'create, with its former number 999 if that is free',
        apply: `create_account user web --no-create-home --home-dir /srv/web --shell /usr/sbin/nologin --gid web\n${settle('"$(stray_numbers user web /srv/www/web /var/log/php/web)"')}`,
      }),
    ]);
  });

  test('is removed from the record with the account, even if the account no longer exists', () => {
    expect(changes(userKind, gone(userKind, 'web'), record)).toEqual([
      { action: 'remove', phase: 'removal', summary: 'remove', apply: ':\nforget_number user web', undo: ':\nrecord_number user web 999' },
    ]);
  });
});

describe('system accounts and groups', () => {
  test.each(['root', 'daemon', 'www-data', 'sudo', 'nobody'])('%s cannot be created or adopted', (name) => {
    expect(() => user(name, { home: '/srv/x' })).toThrow('choose another name');
    expect(() => group(name)).toThrow('choose another name');
  });
});
