import { describe, expect, test } from 'vitest';
import { release, releaseKind } from '../../src/resources/release.ts';
import { changes, reading } from './table.ts';

describe('release', () => {
  const path = '/srv/www/foobar.com/releases/0123456789ab';
  const records = '/var/lib/foobar-provision/releases/foobar.com';
  const options = {
    digest: '0123456789abcdef',
    site: 'foobar.com',
    live: '/srv/www/foobar.com/current',
    shared: '/srv/www/foobar.com/shared',
    links: ['var/my uploads', '.env'],
    mounts: ['var/my uploads'],
    served: { 'public/pictures': 'var/my uploads' },
    writable: ['cache'],
    user: 'web',
  };
  const whole = release(path, options);
  const older = '/srv/www/foobar.com/releases/old';
  const fill = {
    action: 'create',
    summary: 'copy the uploaded files',
    apply: `fill_release ${path} 0123456789abcdef foobar.com /srv/www/foobar.com/shared web '' '' '' cache -- 'var/my uploads' -- .env -- -- public/pictures 'var/my uploads'`,
    undo: `keep_failed_release ${path}`,
    effects: [{ kind: 'sends', digest: '0123456789abcdef' }],
  };
  const mend = (summary: string, ...missing: readonly string[]) => ({
    action: 'update',
    summary,
    apply: `repair_release ${path} 0123456789abcdef foobar.com`,
    undo: `undo_repair ${path}`,
    effects: [
      {
        kind: 'sends',
        digest: '0123456789abcdef',
        base: { release: path, record: `${records}/0123456789ab`, digest: '0123456789abcdef', missing },
      },
    ],
  });
  const known = (release: string, digest: string) =>
    `known\t${path}\t${release}\t${records}/${release.replace(/.*\//, '')}\ndigest\t${digest}\n`;
  const there = `there\t${path}\n${known(path, '0123456789abcdef')}`;

  test.each([
    ['exists, as it was sent', whole, there, []],
    ['exists, without a record of its files', whole, `there\t${path}\n`, []],
    ['exists, without an original that was set apart', whole, `${there}lost\tvar/my uploads/x\n`, []],
    ['another is there', whole, `there\t${path}0\n`, [fill]],
    ['is missing', whole, '', [fill]],
    [
      'is missing, and the live one has the same files',
      whole,
      known(older, '0123456789abcdef'),
      [
        {
          ...fill,
          summary: 'copy the same files, with other shared or writable paths or hooks',
          effects: [
            {
              kind: 'sends',
              digest: fill.apply.split(' ')[2] ?? '',
              base: { release: older, record: `${records}/old`, digest: '0123456789abcdef', missing: [] },
            },
          ],
        },
      ],
    ],
    [
      'is missing, and unchanged files can be copied from the live one',
      whole,
      `${known(older, 'ffff')}touched\ta\\x0ab\\x5c\nlost\tvar/my uploads/x\n`,
      [
        {
          ...fill,
          effects: [
            {
              kind: 'sends',
              digest: '0123456789abcdef',
              base: { release: older, record: `${records}/old`, digest: 'ffff', missing: ['a\nb\\', 'var/my uploads/x'] },
            },
          ],
        },
      ],
    ],
    ['one file was edited', whole, `${there}touched\ta.php\n`, [mend('1 file edited: a.php', 'a.php')]],
    [
      'many were edited',
      whole,
      `${there}${[1, 2, 3, 4, 5, 6, 7].map((n) => `touched\t${n}.php\n`).join('')}`,
      [mend('7 files edited: 1.php, 2.php, 3.php, 4.php, 5.php and 2 more', ...[1, 2, 3, 4, 5, 6, 7].map((n) => `${n}.php`))],
    ],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(releaseKind, resource, output)).toEqual(expected);
  });

  describe('of an application with an installer', () => {
    const installed = release(path, {
      ...options,
      links: ['config.php', 'files'],
      mounts: ['files'],
      served: {},
      installer: { folder: 'install', once: 'config.php' },
    });
    const left = {
      action: 'update',
      summary: 'leave out install, since the application is set up',
      apply: 'leave_out_installers foobar.com /srv/www/foobar.com/releases install',
      undo: 'restore_installers foobar.com install',
    };
    const filled = {
      ...fill,
      apply: `fill_release ${path} 0123456789abcdef foobar.com /srv/www/foobar.com/shared web install config.php '' cache -- files -- config.php -- --`,
    };

    test.each([
      ['is there, and not set up', there, []],
      ['is there, and set up', `${there}installer\t${path}\n`, [left]],
      ['is missing, and not set up', '', [filled]],
      ['is missing, and set up with an earlier release', `installer\t${path}\n`, [left, filled]],
    ])('%s', (_, output, expected) => {
      expect(changes(releaseKind, installed, output)).toEqual(expected);
    });

    test('is filled without what its installer will write', () => {
      const written = release(path, { ...options, links: ['config.php', 'files'], mounts: ['files'], written: ['config.php'], served: {} });
      expect(changes(releaseKind, written, '')).toMatchObject([
        { apply: expect.stringMatching(/ web '' '' '' cache -- files -- -- config\.php --$/) },
      ]);
    });

    test('is read together with the file that tells that it is set up', () => {
      expect(reading(releaseKind, installed).split('\n').slice(-2)).toEqual([
        `read_release ${path} ${records} /srv/www/foobar.com/current`,
        `read_installers ${path} ${records} web install /srv/www/foobar.com/shared config.php ''`,
      ]);
    });

    test('is read and filled with the lock that its installer keeps in the live release', () => {
      const locked = release(path, {
        ...options,
        links: ['config.php'],
        installer: { folder: 'install', once: 'config.php', lock: 'var/lock' },
      });
      expect(reading(releaseKind, locked)).toMatch(/ config\.php \/srv\/www\/foobar\.com\/current\/var\/lock$/);
      expect(changes(releaseKind, locked, '')).toMatchObject([
        { apply: expect.stringContaining(' install config.php /srv/www/foobar.com/current/var/lock cache ') },
      ]);
    });
  });

  test('one command reads them all', () => {
    const second = release('/srv/b/releases/x', { ...options, site: 'b.test', live: '/srv/b/current' });
    expect(reading(releaseKind, whole, second).split('\n').slice(-2)).toEqual([
      `read_release ${path} ${records} /srv/www/foobar.com/current`,
      'read_release /srv/b/releases/x /var/lib/foobar-provision/releases/b.test /srv/b/current',
    ]);
  });

  test('an older one is needed for a rollback, so none is ever removed by name', () => {
    expect(releaseKind.absent).toBeUndefined();
  });

  test.each([
    [['var', 'var/cache'], []],
    [['../x'], []],
    [[''], []],
    [['a/'], []],
    [['a'], ['a']],
    [['a'], ['a/b']],
    [[], ['../x']],
  ])('%j and writable %j cannot be', (links, writable) => {
    expect(() => release(path, { ...options, links, mounts: [], writable })).toThrow(TypeError);
  });
});
