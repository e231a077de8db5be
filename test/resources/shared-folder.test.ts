import { describe, expect, test } from 'vitest';
import { sharedFolder, sharedFolderKind } from '../../src/resources/shared-folder.ts';
import { changes, reading } from './table.ts';

describe('a shared folder', () => {
  const shared = '/srv/www/foobar.com/shared';
  const release = '/srv/www/foobar.com/releases/0123456789ab';
  const folder = sharedFolder('var/my uploads', {
    release,
    mount: `${release}/.foobar-provision/mounts/var/my uploads`,
    shared,
    site: 'foobar.com',
    user: 'web',
  });
  const mounted = `mounted\t${shared}/var/my uploads\n`;
  const state = (owner: string, type = 'directory') =>
    `0755\t${owner}\t${owner}\t${type}\t${shared}/var/my uploads\t2026-01-01 00:00:00\t0\t0\n`;

  test.each([
    ['is created with its release', '', []],
    ['of a release without it stays as it is', state('root'), []],
    ["is the site's", mounted + state('web'), []],
    ['was replaced by a link', mounted + state('root', 'symbolic link'), []],
    ['belongs to another account', mounted + state('nobody'), []],
    [
      'is missing',
      mounted,
      [
        {
          action: 'create',
          summary: 'create it again, owner web',
          apply: `restore_shared_folder ${release} /var/lib/foobar-provision/releases/foobar.com ${shared} web 'var/my uploads'`,
          undo: ':',
        },
      ],
    ],
    [
      'was restored by root',
      mounted + state('root'),
      [
        {
          action: 'update',
          summary: 'owner root -> web, with what root owns in it',
          apply: `take_over_shared_folder '${shared}/var/my uploads' web`,
          undo: ':',
        },
      ],
    ],
  ])('%s', (_, output, expected) => {
    expect(changes(sharedFolderKind, folder, output)).toEqual(expected);
  });

  test('is read together with the others', () => {
    const other = sharedFolder('b', { release, mount: `${release}/.foobar-provision/mounts/b`, shared, site: 'foobar.com', user: 'web' });
    expect(reading(sharedFolderKind, folder, other).split('\n').slice(-2)).toEqual([
      `read_mounted '${shared}/var/my uploads' '${release}/.foobar-provision/mounts/var/my uploads' ${shared}/b ${release}/.foobar-provision/mounts/b`,
      expect.stringMatching(
        /^stat .* '\/srv\/www\/foobar\.com\/shared\/var\/my uploads' \/srv\/www\/foobar\.com\/shared\/b 2>\/dev\/null$/,
      ),
    ]);
  });
});
