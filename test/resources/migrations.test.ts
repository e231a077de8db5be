import { describe, expect, test } from 'vitest';
import { migrations, migrationsKind } from '../../src/resources/migrations.ts';
import { changes, reading } from './table.ts';

describe('migrations', () => {
  const files = [
    { name: '0001_a.sql', digest: 'x' },
    { name: '0002_b.sql', digest: 'y' },
  ];
  const options = {
    database: 'shop',
    user: 'shop',
    secret: 'shop.database',
    owner: 'shop_test',
    sandbox: ['ProtectSystem=strict', 'ReadWritePaths=/srv/a /srv/b'],
    folder: '/srv/releases/a/migrations',
    files,
  };
  const schema = migrations('shop', options);
  const apply = (name: string, how = 'migrate') => ({
    action: 'run',
    summary: `apply ${name}`,
    apply: `${how} shop shop shop.database ${name} /srv/releases/a/migrations/${name} shop_test ProtectSystem=strict 'ReadWritePaths=/srv/a /srv/b'`,
  });

  test.each([
    ['all were applied', 'database\tshop\n0001_a.sql\n0002_b.sql\n', []],
    ['more were applied than exist', 'database\tshop\n0001_a.sql\n0002_b.sql\n0003_c.sql\n', []],
    ['one is new', 'database\tshop\n0001_a.sql\n', [apply('0002_b.sql')]],
    ['an earlier one is new', 'database\tshop\n0002_b.sql\n', [apply('0001_a.sql')]],
    ['none was applied', 'database\tshop\n', [apply('0001_a.sql'), apply('0002_b.sql')]],
    ['another database has them', 'database\tother\n0001_a.sql\n0002_b.sql\ndatabase\tshop\n', [apply('0001_a.sql'), apply('0002_b.sql')]],
    [
      'the server is down',
      'database\tshop\ndown\t\n',
      [
        { ...apply('0001_a.sql', 'migrate_unless_recorded'), basis: 'unread' },
        { ...apply('0002_b.sql', 'migrate_unless_recorded'), basis: 'unread' },
      ],
    ],
  ])('%s', (_, output, expected) => {
    expect(changes(migrationsKind, schema, output)).toEqual(expected);
  });

  test('a snapshot is taken before the first of them, and is announced if there is something to keep', () => {
    const snapshot = { domain: 'shop.test', release: 'abc', database: 'shop', user: 'shop', secret: 'shop.database', owner: 'shop_test' };
    const keeping = migrations('shop', { ...options, snapshot });
    const taken = 'snapshot_before_release shop.test abc 3 shop shop.database shop shop_test\n';
    const [first, second] = [apply('0001_a.sql'), apply('0002_b.sql')];
    expect(changes(migrationsKind, keeping, 'database\tshop\ntables\t\n')).toEqual([
      { ...first, summary: 'apply 0001_a.sql, after a snapshot of shop', apply: taken + first.apply },
      second,
    ]);
    expect(changes(migrationsKind, keeping, 'database\tshop\n')).toEqual([{ ...first, apply: taken + first.apply }, second]);
    expect(changes(migrationsKind, keeping, 'database\tshop\ntables\t\n0001_a.sql\n0002_b.sql\n')).toEqual([]);
  });

  test('reading', () => {
    expect(reading(migrationsKind, schema)).toMatchInlineSnapshot(`
      "printf 'database	%s
      ' shop; read_migrations shop shop shop.database"
    `);
  });
});
