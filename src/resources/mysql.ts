import { lines, sh, shell } from '../command/command.ts';
import { defineKind, type Resource } from '../engine/resource.ts';

interface DatabaseAttributes {
  readonly state: 'present' | 'absent';
}

type DatabaseState = 'present' | 'unknown';

/** A database with the full Unicode character set (`utf8mb4`), on the server that runs on the host. Removing it asks for the user's leave. */
export function mysqlDatabase(name: string): Resource {
  return { kind: 'mysql-database', id: checkIdentifier(name), attributes: { state: 'present' } satisfies DatabaseAttributes, notify: [] };
}

interface UserAttributes {
  readonly state: 'present' | 'absent';
  /** The one database that the user may use. */
  readonly database: string;
  readonly secret: string;
}

interface UserState {
  readonly login: boolean;
  /** Privileges on databases, as `PRIVILEGE ON pattern`: the grant's own words, without which nothing revokes it. */
  readonly own: readonly string[];
  /** Privileges on everything. */
  readonly other: readonly string[];
  /** Privileges on single tables, which nobody of ours grants, each with its table as SQL names it. */
  readonly tables: readonly { readonly privilege: string; readonly table: string }[];
}

/** A user of the local socket and loopback with every ordinary right on one database and none elsewhere. */
export function mysqlUser(name: string, options: { readonly database: string; readonly secret: string }): Resource {
  const attributes: UserAttributes = { state: 'present', database: checkIdentifier(options.database), secret: options.secret };
  return { kind: 'mysql-user', id: checkIdentifier(name), attributes, notify: [] };
}

/** What MySQL and MariaDB both know; the one has no `DELETE HISTORY`, and nobody's application asks for it. */
const privileges = [
  'ALTER',
  'ALTER ROUTINE',
  'CREATE',
  'CREATE ROUTINE',
  'CREATE TEMPORARY TABLES',
  'CREATE VIEW',
  'DELETE',
  'DROP',
  'EVENT',
  'EXECUTE',
  'INDEX',
  'INSERT',
  'LOCK TABLES',
  'REFERENCES',
  'SELECT',
  'SHOW VIEW',
  'TRIGGER',
  'UPDATE',
] as const;

/** Letters, digits and underscores, so that no quoting of names is ever in doubt; 32 characters are MySQL's limit for users. */
function checkIdentifier(name: string): string {
  if (!/^[A-Za-z0-9_]{1,32}$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name for a database or its user`);
  return name;
}

/** In a GRANT an underscore stands for any character. */
function patternOf(database: string): string {
  return database.replaceAll('_', '\\_');
}

export const mysqlDatabaseKind = defineKind<DatabaseAttributes, DatabaseState>({
  name: 'mysql-database',
  phase: 'state',
  absent: (id) => ({
    kind: 'mysql-database',
    id: checkIdentifier(id),
    attributes: { state: 'absent' } satisfies DatabaseAttributes,
    notify: [],
  }),
  // Where the server is down its data folders still tell which databases there are.
  read: (resources) =>
    lines(
      sh`printf 'SELECT schema_name FROM information_schema.schemata;' | sql 2>/dev/null ||`,
      sh`  for name in ${resources.map(({ id }) => id)}; do [ ! -d "/var/lib/mysql/$name" ] || printf '%s\n' "$name"; done`,
    ),
  parse: (output) => new Map(output.split('\n').map((name) => [name, 'present'])),
  diff: (name, desired, current) => {
    const drop = sql(`DROP DATABASE IF EXISTS \`${name}\`;`);
    if (desired.state === 'absent')
      return current ? [{ action: 'remove', summary: 'drop with all that it holds', apply: drop, destroys: true }] : [];
    if (current) return [];
    return [
      {
        action: 'create',
        summary: 'create, utf8mb4',
        apply: sql(`CREATE DATABASE IF NOT EXISTS \`${name}\` CHARACTER SET utf8mb4;`),
        undo: drop,
      },
    ];
  },
});

export const mysqlUserKind = defineKind<UserAttributes, UserState | 'unknown'>({
  name: 'mysql-user',
  phase: 'state',
  absent: (id) => ({
    kind: 'mysql-user',
    id: checkIdentifier(id),
    attributes: { state: 'absent', database: '', secret: '' } satisfies UserAttributes,
    notify: [],
  }),
  read: (resources) => {
    const names = resources.map(({ id }) => `'${id}'`).join(',');
    const grantees = resources.map(({ id }) => `"'${id}'@'localhost'"`).join(',');
    const statement = [
      `SELECT 'user', user FROM mysql.user WHERE host = 'localhost' AND user IN (${names});`,
      `SELECT 'own', grantee, table_schema, privilege_type, is_grantable FROM information_schema.schema_privileges WHERE grantee IN (${grantees});`,
      `SELECT 'global', grantee, '*', privilege_type, is_grantable FROM information_schema.user_privileges WHERE grantee IN (${grantees}) AND (privilege_type <> 'USAGE' OR is_grantable = 'YES');`,
      `SELECT 'table', grantee, table_schema, privilege_type, is_grantable, table_name FROM information_schema.table_privileges WHERE grantee IN (${grantees});`,
    ].join('\n');
    const logins = resources
      .filter(({ attributes }) => attributes.state === 'present')
      .map(({ id, attributes }) => sh`can_log_in ${id} ${attributes.secret}`);
    return lines(
      sh`if printf '%s' ${statement} | sql 2>/dev/null; then`,
      shell(':'),
      ...logins,
      sh`elif [ -d /var/lib/mysql/mysql ]; then printf 'down\t%s\n' ${resources.map(({ id }) => id)}; fi`,
    );
  },
  parse: (output) => {
    const rows = output.split('\n').map((line) => line.split('\t'));
    const users = new Set(rows.flatMap(([word, name]) => (word === 'user' && name ? [name] : [])));
    const grants = rows.flatMap(([word, grantee = '', where = '', privilege = '', grantable]) => {
      if (word !== 'own' && word !== 'global') return [];
      return granted(privilege, grantable).map((each) => ({
        name: grantee.split("'")[1],
        database: unescaped(where),
        privilege: each,
      }));
    });
    const tables = rows.flatMap(([word, grantee = '', schema = '', privilege = '', grantable = '', table = '']) => {
      if (word !== 'table') return [];
      const place = `${quoted(unescaped(schema))}.${quoted(unescaped(table))}`;
      return granted(privilege, grantable).map((each) => ({ name: grantee.split("'")[1], privilege: each, table: place }));
    });
    const states = new Map<string, UserState | 'unknown'>();
    for (const [word, name = ''] of rows) if (word === 'down') states.set(name, 'unknown');
    for (const name of users) {
      const login = rows.some(([word, user]) => word === 'login' && user === name);
      const mine = grants.filter((grant) => grant.name === name);
      states.set(name, {
        login,
        own: unique(mine.flatMap(({ database, privilege }) => (database === '*' ? [] : [`${privilege} ON ${database}`]))),
        other: unique(mine.flatMap(({ database, privilege }) => (database === '*' ? [privilege] : []))),
        tables: tables.flatMap(({ name: whose, ...grant }, index) => {
          const first = tables.findIndex((each) => each.name === whose && each.table === grant.table && each.privilege === grant.privilege);
          return whose === name && first === index ? [grant] : [];
        }),
      });
    }
    return states;
  },
  diff: (name, desired, current) => {
    const account = `'${name}'@'localhost'`;
    const drop = sql(`DROP USER IF EXISTS ${account};`);
    if (desired.state === 'absent') return current ? [{ action: 'remove', summary: 'drop', apply: drop }] : [];
    const identified = (verb: string, more = '') =>
      sh`sql_filled ${desired.secret} <<'SQL'\n${shell(`${verb} ${account} IDENTIFIED BY '{{secret:${desired.secret}}}'${more};`)}\nSQL`;
    // Whoever cannot log in may have been locked out, or be asked for a certificate.
    const letIn = identified('ALTER USER', ' REQUIRE NONE ACCOUNT UNLOCK');
    const grant = (some: readonly string[]) => sql(`GRANT ${some.join(', ')} ON ${quoted(patternOf(desired.database))}.* TO ${account};`);
    if (!current || current === 'unknown') {
      return [
        {
          action: 'create',
          summary: `create, with all rights on ${desired.database} alone`,
          apply: lines(identified('CREATE USER IF NOT EXISTS'), letIn, grant(privileges)),
          undo: drop,
          ...(current && { unsure: true }),
        },
      ];
    }
    const right = (privilege: string) => `${privilege} ON ${patternOf(desired.database)}`;
    const missing = privileges.filter((privilege) => !current.own.includes(right(privilege)));
    const spare = current.own.filter((each) => !privileges.some((privilege) => each === right(privilege)));
    const parts = [
      ...(current.login ? [] : [{ say: 'set its password again', now: letIn }]),
      ...(missing.length === 0 ? [] : [{ say: `grant ${missing.join(', ')}`, now: grant(missing) }]),
      ...spare.map((each) => ({ say: `revoke ${each.replaceAll('\\', '')}`, now: revoke(each, account) })),
      ...current.tables.map(({ privilege, table }) => ({
        say: `revoke ${privilege} ON ${table.replaceAll('`', '')}`,
        now: sql(`REVOKE ${privilege} ON ${table} FROM ${account};`),
      })),
      ...(current.other.length === 0
        ? []
        : [
            {
              say: `revoke ${current.other.join(', ')} on everything`,
              now: sql(`REVOKE ${current.other.join(', ')} ON *.* FROM ${account};`),
            },
          ]),
    ];
    return parts.length === 0
      ? []
      : [{ action: 'update', summary: parts.map(({ say }) => say).join('; '), apply: lines(...parts.map(({ now }) => now)) }];
  },
});

/** USAGE is no right; MySQL lists it where only the right to pass on others is left. */
function granted(privilege: string, grantable = ''): readonly string[] {
  return [...(privilege === 'USAGE' ? [] : [privilege]), ...(grantable === 'YES' ? ['GRANT OPTION'] : [])];
}

/** The client's batch mode doubles a backslash. */
function unescaped(name: string): string {
  return name.replaceAll('\\\\', '\\');
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

function unique(all: readonly string[]): readonly string[] {
  return [...new Set(all)];
}

function revoke(each: string, account: string) {
  const [privilege = '', pattern = ''] = each.split(' ON ');
  return sql(`REVOKE ${privilege} ON ${quoted(pattern)}.* FROM ${account};`);
}

function sql(statement: string) {
  return sh`sql <<'SQL'\n${shell(statement)}\nSQL`;
}
