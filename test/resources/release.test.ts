import { describe, expect, test } from 'vitest';
import { live, liveKind, migrations, migrationsKind, release, releaseKind } from '../../src/resources/release.ts';
import { changes, gone, reading } from './table.ts';

describe('release', () => {
  const path = '/srv/www/foobar.com/releases/0123456789ab';
  const whole = release(path, {
    digest: '0123456789abcdef',
    shared: '/srv/www/foobar.com/shared',
    links: ['var/my uploads', '.env'],
    user: 'web',
  });

  test.each([
    ['is there', whole, `${path}\n`, []],
    ['another is there', whole, `${path}0\n`, [expect.objectContaining({ action: 'create' })]],
    [
      'is missing',
      whole,
      '',
      [
        {
          action: 'create',
          summary: 'fill with the files that were sent',
          apply: `fill_release ${path} 0123456789abcdef /srv/www/foobar.com/shared web 'var/my uploads' .env`,
          undo: `rm -rf -- ${path}`,
        },
      ],
    ],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(releaseKind, resource, output)).toEqual(expected);
  });

  test('the shell itself reads them', () => {
    expect(reading(releaseKind, whole)).toBe(`for path in ${path}; do [ ! -d "$path" ] || printf '%s\n' "$path"; done`);
  });

  test('an older one is the way back, so none is ever removed by name', () => {
    expect(releaseKind.absent).toBeUndefined();
  });

  test.each([[['var', 'var/cache']], [['../x']], [['']], [['a/']]])('%j cannot be shared', (links) => {
    expect(() => release(path, { digest: 'a', shared: '/srv/shared', links, user: 'web' })).toThrow(TypeError);
  });
});

describe('live', () => {
  const path = '/srv/www/foobar.com/current';
  const link = live(path, { release: 'bbb', keep: 5 });
  const apply = `switch_release ${path} releases/bbb 5`;

  test.each([
    ['is this release', link, `releases/bbb\t${path}\n`, []],
    ['is none yet', link, '', [{ action: 'create', summary: 'bbb', apply, undo: `rm -f -- ${path}` }]],
    [
      'is another release',
      link,
      `releases/aaa\t${path}\n`,
      [{ action: 'update', summary: 'aaa -> bbb', apply, undo: `switch_release ${path} releases/aaa 0` }],
    ],
    [
      'is to go',
      gone(liveKind, path),
      `releases/aaa\t${path}\n`,
      [{ action: 'remove', summary: 'no release is live', apply: `rm -f -- ${path}`, undo: `switch_release ${path} releases/aaa 0` }],
    ],
    ['has gone', gone(liveKind, path), '', []],
    ['is no link', link, `\t${path}\n`, [expect.objectContaining({ action: 'update', summary: 'no link -> bbb' })]],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(liveKind, resource, output)).toEqual(expected);
  });

  test('one process reads them all', () => {
    expect(reading(liveKind, link, live('/srv/b', { release: 'x', keep: 2 }))).toBe(
      `find ${path} /srv/b -maxdepth 0 -printf '%l\t%p\n' 2>/dev/null`,
    );
  });
});

describe('migrations', () => {
  const files = [
    { name: '0001_a.sql', digest: 'x' },
    { name: '0002_b.sql', digest: 'y' },
  ];
  const schema = migrations('shop', { user: 'shop', secret: 'shop.database', folder: '/srv/releases/a/migrations', files });
  const apply = (name: string) => ({
    action: 'run',
    summary: `apply ${name}`,
    apply: `migrate shop shop shop.database ${name} /srv/releases/a/migrations/${name}`,
  });

  test.each([
    ['all were applied', 'database\tshop\n0001_a.sql\n0002_b.sql\n', []],
    ['more were applied than there are', 'database\tshop\n0001_a.sql\n0002_b.sql\n0003_c.sql\n', []],
    ['one is new', 'database\tshop\n0001_a.sql\n', [apply('0002_b.sql')]],
    ['an earlier one is new', 'database\tshop\n0002_b.sql\n', [apply('0001_a.sql')]],
    ['none was applied', 'database\tshop\n', [apply('0001_a.sql'), apply('0002_b.sql')]],
    ['another database has them', 'database\tother\n0001_a.sql\n0002_b.sql\ndatabase\tshop\n', [apply('0001_a.sql'), apply('0002_b.sql')]],
    [
      'the server is down',
      'database\tshop\ndown\t\n',
      [
        { ...apply('0001_a.sql'), unsure: true },
        { ...apply('0002_b.sql'), unsure: true },
      ],
    ],
  ])('%s', (_, output, expected) => {
    expect(changes(migrationsKind, schema, output)).toEqual(expected);
  });

  test('reading', () => {
    expect(reading(migrationsKind, schema)).toMatchInlineSnapshot(`
      "for database in shop; do printf 'database	%s
      ' "$database"; printf 'SELECT name FROM foobar_migrations ORDER BY name;' | sql "$database" 2>/dev/null || [ ! -d "/var/lib/mysql/$database" ] || [ -S /run/mysqld/mysqld.sock ] || printf 'down	
      '; done"
    `);
  });
});
