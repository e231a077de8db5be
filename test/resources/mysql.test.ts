import { describe, expect, test } from 'vitest';
import { mysqlDatabase, mysqlDatabaseKind, mysqlUser, mysqlUserKind } from '../../src/resources/mysql.ts';
import { changes, gone, reading } from './table.ts';

describe('mysql-database', () => {
  const shop = mysqlDatabase('shop_1');
  const drop = "sql <<'SQL'\nDROP DATABASE IF EXISTS `shop_1`;\nSQL";

  test.each([
    ['is there', shop, 'mysql\nshop_1\n', []],
    [
      'is missing',
      shop,
      'mysql\nshop_11\n',
      [
        {
          action: 'create',
          summary: 'create, utf8mb4',
          apply: "sql <<'SQL'\nCREATE DATABASE IF NOT EXISTS `shop_1` CHARACTER SET utf8mb4;\nSQL",
          undo: drop,
        },
      ],
    ],
    [
      'is to go',
      gone(mysqlDatabaseKind, 'shop_1'),
      'shop_1\n',
      [expect.objectContaining({ action: 'remove', apply: drop, destroys: true })],
    ],
    ['has gone', gone(mysqlDatabaseKind, 'shop_1'), 'mysql\n', []],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(mysqlDatabaseKind, resource, output)).toEqual(expected);
  });

  test('one statement reads them all, and the data folders where the server is down', () => {
    expect(reading(mysqlDatabaseKind, shop, mysqlDatabase('b'))).toMatchInlineSnapshot(`
      "printf 'SELECT schema_name FROM information_schema.schemata;' | sql 2>/dev/null ||
        for name in shop_1 b; do [ ! -d "/var/lib/mysql/$name" ] || printf '%s
      ' "$name"; done"
    `);
  });
});

/** As MySQL 9.7 prints them, its batch mode doubling the backslash of `shop\_1`. */
const granted = (database: string) =>
  [
    'SELECT',
    'INSERT',
    'UPDATE',
    'DELETE',
    'CREATE',
    'DROP',
    'REFERENCES',
    'INDEX',
    'ALTER',
    'CREATE TEMPORARY TABLES',
    'LOCK TABLES',
    'EXECUTE',
    'CREATE VIEW',
    'SHOW VIEW',
    'CREATE ROUTINE',
    'ALTER ROUTINE',
    'EVENT',
    'TRIGGER',
  ]
    .map((privilege) => `own\t'shop'@'localhost'\t${database}\t${privilege}\n`)
    .join('');

describe('mysql-user', () => {
  const shop = mysqlUser('shop', { database: 'shop_1', secret: 'shop.database' });
  const account = "'shop'@'localhost'";
  const password = (verb: string) => {
    const open = verb === 'ALTER USER' ? ' REQUIRE NONE ACCOUNT UNLOCK' : '';
    return `sql_filled shop.database <<'SQL'\n${verb} ${account} IDENTIFIED BY '{{secret:shop.database}}'${open};\nSQL`;
  };
  const grant = (what: string) => `sql <<'SQL'\nGRANT ${what} ON \`shop\\_1\`.* TO ${account};\nSQL`;
  const all =
    'ALTER, ALTER ROUTINE, CREATE, CREATE ROUTINE, CREATE TEMPORARY TABLES, CREATE VIEW, DELETE, DROP, EVENT, EXECUTE, INDEX, INSERT, LOCK TABLES, REFERENCES, SELECT, SHOW VIEW, TRIGGER, UPDATE';
  const create = {
    action: 'create',
    summary: 'create, with all rights on shop_1 alone',
    apply: [password('CREATE USER IF NOT EXISTS'), password('ALTER USER'), grant(all)].join('\n'),
    undo: `sql <<'SQL'\nDROP USER IF EXISTS ${account};\nSQL`,
  };
  const whole = `user\tshop\n${granted('shop\\\\_1')}login\tshop\n`;

  test.each([
    ['as wanted', shop, whole, []],
    ['as wanted, as MariaDB prints it', shop, whole.replaceAll('\\\\', '\\'), []],
    ['missing', shop, '', [create]],
    ['not to be known, the server being down', shop, 'down\tshop\n', [{ ...create, unsure: true }]],
    [
      'of another password',
      shop,
      whole.replace('login\tshop\n', ''),
      [{ action: 'update', summary: 'set its password again', apply: password('ALTER USER') }],
    ],
    [
      'of fewer rights',
      shop,
      whole.replace(/^.*\tDROP\n/m, '').replace(/^.*\tEVENT\n/m, ''),
      [{ action: 'update', summary: 'grant DROP, EVENT', apply: grant('DROP, EVENT') }],
    ],
    [
      'of rights on another database',
      shop,
      `${whole}own\t'shop'@'localhost'\tother\tSELECT\n`,
      [
        {
          action: 'update',
          summary: 'revoke SELECT ON other',
          apply: `sql <<'SQL'\nREVOKE SELECT ON \`other\`.* FROM ${account};\nSQL`,
        },
      ],
    ],
    [
      'of rights by a pattern that only looks like its own, as people write it',
      shop,
      `${whole}own\t'shop'@'localhost'\tshop_1\tSELECT\tNO\n`,
      [{ action: 'update', summary: 'revoke SELECT ON shop_1', apply: `sql <<'SQL'\nREVOKE SELECT ON \`shop_1\`.* FROM ${account};\nSQL` }],
    ],
    [
      'who may pass its rights on, here and everywhere',
      shop,
      `${whole.replaceAll('\n', '\tYES\n')}global\t'shop'@'localhost'\t*\tUSAGE\tYES\n`.replace('login\tshop\tYES', 'login\tshop'),
      [
        {
          action: 'update',
          summary: 'revoke GRANT OPTION ON shop_1; revoke GRANT OPTION on everything',
          apply: [
            `sql <<'SQL'\nREVOKE GRANT OPTION ON \`shop\\_1\`.* FROM ${account};\nSQL`,
            `sql <<'SQL'\nREVOKE GRANT OPTION ON *.* FROM ${account};\nSQL`,
          ].join('\n'),
        },
      ],
    ],
    [
      'of rights on a table',
      shop,
      `${whole}table\t'shop'@'localhost'\tother\tSELECT\tNO\todd\`name\ntable\t'shop'@'localhost'\tother\tUSAGE\tYES\tb\n`,
      [
        {
          action: 'update',
          summary: 'revoke SELECT ON other.oddname; revoke GRANT OPTION ON other.b',
          apply: [
            `sql <<'SQL'\nREVOKE SELECT ON \`other\`.\`odd\`\`name\` FROM ${account};\nSQL`,
            `sql <<'SQL'\nREVOKE GRANT OPTION ON \`other\`.\`b\` FROM ${account};\nSQL`,
          ].join('\n'),
        },
      ],
    ],
    [
      'of rights on everything',
      shop,
      `${whole}global\t'shop'@'localhost'\t*\tFILE\nglobal\t'shop'@'localhost'\t*\tSUPER\n`,
      [
        {
          action: 'update',
          summary: 'revoke FILE, SUPER on everything',
          apply: `sql <<'SQL'\nREVOKE FILE, SUPER ON *.* FROM ${account};\nSQL`,
        },
      ],
    ],
    [
      'to go',
      gone(mysqlUserKind, 'shop'),
      'user\tshop\n',
      [expect.objectContaining({ action: 'remove', summary: 'drop', apply: create.undo })],
    ],
    ['gone', gone(mysqlUserKind, 'shop'), '', []],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(mysqlUserKind, resource, output)).toEqual(expected);
  });

  test('one statement reads them all, and no password is read', () => {
    expect(reading(mysqlUserKind, shop, gone(mysqlUserKind, 'old'))).toMatchInlineSnapshot(`
      "if printf '%s' 'SELECT '\\''user'\\'', user FROM mysql.user WHERE host = '\\''localhost'\\'' AND user IN ('\\''shop'\\'','\\''old'\\'');
      SELECT '\\''own'\\'', grantee, table_schema, privilege_type, is_grantable FROM information_schema.schema_privileges WHERE grantee IN ("'\\''shop'\\''@'\\''localhost'\\''","'\\''old'\\''@'\\''localhost'\\''");
      SELECT '\\''global'\\'', grantee, '\\''*'\\'', privilege_type, is_grantable FROM information_schema.user_privileges WHERE grantee IN ("'\\''shop'\\''@'\\''localhost'\\''","'\\''old'\\''@'\\''localhost'\\''") AND (privilege_type <> '\\''USAGE'\\'' OR is_grantable = '\\''YES'\\'');
      SELECT '\\''table'\\'', grantee, table_schema, privilege_type, is_grantable, table_name FROM information_schema.table_privileges WHERE grantee IN ("'\\''shop'\\''@'\\''localhost'\\''","'\\''old'\\''@'\\''localhost'\\''");' | sql 2>/dev/null; then
      :
      can_log_in shop shop.database
      elif [ -d /var/lib/mysql/mysql ]; then printf 'down	%s
      ' shop old; fi"
    `);
  });
});

test.each(['', 'a-b', 'a`b', "a'b", 'a b', 'a'.repeat(33)])('%j names no database', (name) => {
  expect(() => mysqlDatabase(name)).toThrow(TypeError);
  expect(() => mysqlUser(name, { database: 'a', secret: 's' })).toThrow(TypeError);
  expect(() => mysqlUser('a', { database: name, secret: 's' })).toThrow(TypeError);
});
