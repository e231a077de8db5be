import { describe, expect, test } from 'vitest';
import { mysqlDatabase, mysqlDatabaseKind, mysqlUser, mysqlUserKind } from '../../src/resources/mysql.ts';
import { changes, gone, reading } from './table.ts';

describe('mysql-database', () => {
  const shop = mysqlDatabase('shop_1');
  const drop = "sql <<'SQL'\nDROP DATABASE IF EXISTS `shop_1`;\nSQL";

  test.each([
    ['is there', shop, 'shop_1\t3\n', []],
    [
      'is missing',
      shop,
      'shop_11\t0\n',
      [
        {
          action: 'create',
          summary: 'create, utf8mb4',
          apply: "sql <<'SQL'\nCREATE DATABASE `shop_1` CHARACTER SET utf8mb4;\nSQL\nnote_created shop_1",
          undo: `if was_created shop_1; then\n${drop}\nfi`,
        },
      ],
    ],
    [
      'is to be removed',
      gone(mysqlDatabaseKind, 'shop_1'),
      'shop_1\t?\n',
      [expect.objectContaining({ action: 'remove', apply: drop, effects: [{ kind: 'destroys', what: 'data', owners: [] }] })],
    ],
    ['has gone', gone(mysqlDatabaseKind, 'shop_1'), '', []],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(mysqlDatabaseKind, resource, output)).toEqual(expected);
  });

  test('one statement reads them all, or the data folders if the server is down', () => {
    expect(reading(mysqlDatabaseKind, shop, mysqlDatabase('b'))).toMatchInlineSnapshot(`
      "printf '%s' 'SELECT schema_name, (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = schema_name) FROM information_schema.schemata WHERE schema_name IN ('\\''shop_1'\\'','\\''b'\\'');' | sql 2>/dev/null ||
        for name in shop_1 b; do [ ! -d "$(data_folder)/$name" ] || printf '%s	?
      ' "$name"; done"
    `);
  });
});

/** As MySQL 9.7 prints them, its batch mode doubling the backslash of `shop\_1`. */
const granted = (database: string, host = 'localhost') =>
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
    .map((privilege) => `own\t'shop'@'${host}'\t${database}\t${privilege}\n`)
    .join('');

describe('mysql-user', () => {
  const shop = mysqlUser('shop', { database: 'shop_1', secret: 'shop.database' });
  const account = "'shop'@'localhost'";
  const loopback = "'shop'@'127.0.0.1'";
  const password = (verb: string, who = account) => {
    const open = verb === 'ALTER USER' ? ' REQUIRE NONE ACCOUNT UNLOCK' : '';
    return `sql_filled shop.database <<'SQL'\n${verb} ${who} IDENTIFIED BY '{{secret:shop.database}}'${open};\nSQL`;
  };
  const grant = (what: string, who = account) => `sql <<'SQL'\nGRANT ${what} ON \`shop\\_1\`.* TO ${who};\nSQL`;
  const all =
    'ALTER, ALTER ROUTINE, CREATE, CREATE ROUTINE, CREATE TEMPORARY TABLES, CREATE VIEW, DELETE, DROP, EVENT, EXECUTE, INDEX, INSERT, LOCK TABLES, REFERENCES, SELECT, SHOW VIEW, TRIGGER, UPDATE';
  const drop = (who: string) => `sql <<'SQL'\nDROP USER IF EXISTS ${who};\nSQL`;
  const noted = (who: string) => `note_created shop@${who === account ? 'localhost' : '127.0.0.1'}`;
  const made = (who: string, creation = `${password('CREATE USER', who)}\n${noted(who)}`) =>
    [creation, password('ALTER USER', who), grant(all, who)].join('\n');
  const madeUnlessOurs = (who: string) =>
    made(
      who,
      `if was_recorded mysql-user:shop; then\n${password('CREATE USER IF NOT EXISTS', who)}\nelse\n${password('CREATE USER', who)}\n${noted(who)}\nfi`,
    );
  const create = {
    action: 'create',
    summary: 'create, with all rights on shop_1 alone',
    apply: [made(account), made(loopback)].join('\n'),
    undo: [account, loopback].map((who) => `if ${noted(who).replace('note_', 'was_')}; then\n${drop(who)}\nfi`).join('\n'),
  };
  const whole = ['localhost', '127.0.0.1']
    .map((host) => `user\tshop\t${host}\n${granted('shop\\\\_1', host)}login\tshop\t${host}\n`)
    .join('');
  const [bySocket = '', byAddress = ''] = whole.split(/(?=user\tshop\t127)/);

  test.each([
    ['as desired', shop, whole, []],
    ['as desired, as MariaDB prints it', shop, whole.replaceAll('\\\\', '\\'), []],
    ['missing', shop, '', [create]],
    [
      'unknown, because the server is down',
      shop,
      'down\tshop\n',
      [{ ...create, apply: [madeUnlessOurs(account), madeUnlessOurs(loopback)].join('\n'), basis: 'unread' }],
    ],
    [
      'with another password',
      shop,
      whole.replace('login\tshop\tlocalhost\n', ''),
      [{ action: 'update', summary: 'set the password again', apply: password('ALTER USER') }],
    ],
    [
      'that may not log in over loopback yet',
      shop,
      bySocket,
      [{ action: 'update', summary: 'create for connections from 127.0.0.1', apply: made(loopback) }],
    ],
    [
      'with fewer rights over loopback',
      shop,
      `${bySocket}${byAddress.replace(/^.*\tDROP\n/m, '')}`,
      [{ action: 'update', summary: 'grant DROP from 127.0.0.1', apply: grant('DROP', loopback) }],
    ],
    [
      'with fewer rights',
      shop,
      whole.replace(/^.*\tDROP\n/m, '').replace(/^.*\tEVENT\n/m, ''),
      [{ action: 'update', summary: 'grant DROP, EVENT', apply: grant('DROP, EVENT') }],
    ],
    [
      'with rights on another database',
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
      'with rights by a pattern without escaped underscores, as people write it',
      shop,
      `${whole}own\t'shop'@'localhost'\tshop_1\tSELECT\tNO\n`,
      [{ action: 'update', summary: 'revoke SELECT ON shop_1', apply: `sql <<'SQL'\nREVOKE SELECT ON \`shop_1\`.* FROM ${account};\nSQL` }],
    ],
    [
      'with the grant option, on its database and globally',
      shop,
      `${bySocket.replaceAll('\n', '\tYES\n')}global\t'shop'@'localhost'\t*\tUSAGE\tYES\n${byAddress}`.replace(
        'login\tshop\tlocalhost\tYES',
        'login\tshop\tlocalhost',
      ),
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
      'with rights on a table',
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
      'with rights on everything',
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
      'to be removed',
      gone(mysqlUserKind, 'shop'),
      'user\tshop\tlocalhost\n',
      [expect.objectContaining({ action: 'remove', summary: 'drop', apply: [account, loopback].map(drop).join('\n') })],
    ],
    ['gone', gone(mysqlUserKind, 'shop'), '', []],
  ])('%s', (_, resource, output, expected) => {
    expect(changes(mysqlUserKind, resource, output)).toEqual(expected);
  });

  test('one statement reads them all, and no password is read', () => {
    expect(reading(mysqlUserKind, shop, gone(mysqlUserKind, 'old'))).toMatchInlineSnapshot(`
      "if printf '%s' 'SELECT '\\''user'\\'', user, host FROM mysql.user WHERE host IN ('\\''localhost'\\'','\\''127.0.0.1'\\'') AND user IN ('\\''shop'\\'','\\''old'\\'');
      SELECT '\\''own'\\'', grantee, table_schema, privilege_type, is_grantable FROM information_schema.schema_privileges WHERE grantee IN ("'\\''shop'\\''@'\\''localhost'\\''","'\\''shop'\\''@'\\''127.0.0.1'\\''","'\\''old'\\''@'\\''localhost'\\''","'\\''old'\\''@'\\''127.0.0.1'\\''");
      SELECT '\\''global'\\'', grantee, '\\''*'\\'', privilege_type, is_grantable FROM information_schema.user_privileges WHERE grantee IN ("'\\''shop'\\''@'\\''localhost'\\''","'\\''shop'\\''@'\\''127.0.0.1'\\''","'\\''old'\\''@'\\''localhost'\\''","'\\''old'\\''@'\\''127.0.0.1'\\''") AND (privilege_type <> '\\''USAGE'\\'' OR is_grantable = '\\''YES'\\'');
      SELECT '\\''table'\\'', grantee, table_schema, privilege_type, is_grantable, table_name FROM information_schema.table_privileges WHERE grantee IN ("'\\''shop'\\''@'\\''localhost'\\''","'\\''shop'\\''@'\\''127.0.0.1'\\''","'\\''old'\\''@'\\''localhost'\\''","'\\''old'\\''@'\\''127.0.0.1'\\''");' | sql 2>/dev/null; then
      :
      can_log_in shop shop.database localhost
      can_log_in shop shop.database 127.0.0.1
      elif [ -d "$(data_folder)/mysql" ]; then printf 'down	%s
      ' shop old; fi"
    `);
  });
});

test.each(['', 'a-b', 'a`b', "a'b", 'a b', 'a'.repeat(33)])('%j cannot be the name of a database', (name) => {
  expect(() => mysqlDatabase(name)).toThrow(TypeError);
  expect(() => mysqlUser(name, { database: 'a', secret: 's' })).toThrow(TypeError);
  expect(() => mysqlUser('a', { database: name, secret: 's' })).toThrow(TypeError);
});
