import { type Command, lines, sh, withInput } from '../command/command.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { nameOf } from '../engine/resource-id.ts';
import { database } from '../engine/run-libraries.ts';
import { mysql, readDatabase } from './shell.ts';

interface DatabaseAttributes {
  readonly state: 'present' | 'absent';
}

interface DatabaseState {
  /** The number of tables, or `?` if the server does not answer. */
  readonly tables: string;
}

/** Describes a database with the full Unicode character set (`utf8mb4`) on the host's server. The user must allow its removal. */
export function mysqlDatabase(name: string): Resource {
  return mysqlDatabaseKind.resource(name, { state: 'present' }, { exclusive: true });
}

interface UserAttributes {
  readonly state: 'present' | 'absent';
  /** The only database that the user may use. */
  readonly database: string;
  readonly secret: string;
  /** The hosts that the user may log in from, as the server names them; it looks up no names. */
  readonly hosts: readonly string[];
}

/** An account of the user. There is one for each host that it logs in from. */
interface AccountState {
  readonly login: boolean;
  /** The privileges on databases as `PRIVILEGE ON pattern`, in the words of the grant, which a REVOKE needs. */
  readonly own: readonly string[];
  /** Privileges on everything. */
  readonly other: readonly string[];
  /** The privileges on single tables, which this program never grants, each with its table in SQL. */
  readonly tables: readonly { readonly privilege: string; readonly table: string }[];
}

type UserState = ReadonlyMap<string, AccountState>;

/** For logins through the socket and over TCP on the loopback interface. */
const accountHosts = ['localhost', '127.0.0.1'] as const;

/** Describes a user of the local socket and loopback, with every ordinary privilege on one database and none elsewhere. */
export function mysqlUser(name: string, options: { readonly database: string; readonly secret: string }): Resource {
  const attributes: UserAttributes = {
    state: 'present',
    database: checkIdentifier(options.database),
    secret: options.secret,
    hosts: accountHosts,
  };
  return mysqlUserKind.resource(name, attributes, { exclusive: true });
}

/** The privileges that both MySQL and MariaDB know. MySQL has no `DELETE HISTORY`, and no application needs it. */
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

/** Checks that a name has only letters, digits and underscores, so that it needs no quoting. MySQL allows 32 characters for users. */
function checkIdentifier(name: string): string {
  if (!/^[A-Za-z0-9_]{1,32}$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is not a valid name for a database or its user`);
  return name;
}

/** Returns a pattern for GRANT, where an underscore stands for any character. */
function patternOf(database: string): string {
  return database.replaceAll('_', '\\_');
}

export const mysqlDatabaseKind = defineKind<DatabaseAttributes, DatabaseState>({
  name: 'mysql-database',
  phase: 'state',
  check: checkIdentifier,
  shell: { run: [database], read: [readDatabase] },
  absent: () => ({ state: 'absent' }),
  conflict: (_, { tables }) =>
    `exists, with ${tables === '?' ? 'an unknown number of tables, because the server is down' : `${tables} tables`}`,
  // If the server is down, its data folders still show which databases exist.
  read: (resources) =>
    lines(
      sh`printf '%s' ${databasesQuery(resources.map(({ id }) => id))} | sql 2>/dev/null ||`,
      sh`  for name in ${resources.map(({ id }) => id)}; do [ ! -d "$(data_folder)/$name" ] || printf '%s\t?\n' "$name"; done`,
    ),
  parse: (output) =>
    new Map(
      output.split('\n').map((line): [string, DatabaseState] => {
        const [name = '', tables = '?'] = line.split('\t');
        return [name, { tables }];
      }),
    ),
  diff: (name, desired, current) => {
    const drop = sql(`DROP DATABASE IF EXISTS \`${name}\`;`);
    if (desired.state === 'absent')
      return current
        ? [
            {
              action: 'remove',
              summary: 'drop, with all its data',
              step: { kind: 'plain', apply: drop },
              effects: [{ kind: 'destroys', what: 'data', owners: [] }],
            },
          ]
        : [];
    if (current) return [];
    return [
      {
        action: 'create',
        summary: 'create, utf8mb4',
        // A database that somebody has created in the meantime stays theirs.
        step: { kind: 'plain', apply: lines(sql(`CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4;`), sh`note_created ${name}`) },
        undo: ifMade(name, drop),
      },
    ];
  },
});

export const mysqlUserKind = defineKind<UserAttributes, UserState | 'unknown'>({
  name: 'mysql-user',
  phase: 'state',
  check: checkIdentifier,
  shell: { run: [mysql], read: [readDatabase] },
  absent: () => ({ state: 'absent', database: '', secret: '', hosts: accountHosts }),
  // An account that accepts the password of this host, which only root can read, is ours.
  conflict: ({ id: name }, current) => {
    if (current === 'unknown') return undefined;
    const hosts = [...current.keys()].map((host) => `'${name}'@'${host}'`).join(' and ');
    return [...current.values()].some(({ login }) => login) ? undefined : `exists as ${hosts}, with a password and rights of its own`;
  },
  read: (resources) => {
    const names = resources.map(({ id }) => `'${id}'`).join(',');
    const hosts = accountHosts.map((host) => `'${host}'`).join(',');
    const grantees = resources.flatMap(({ id }) => accountHosts.map((host) => `"'${id}'@'${host}'"`)).join(',');
    const statement = [
      `SELECT 'user', user, host FROM mysql.user WHERE host IN (${hosts}) AND user IN (${names});`,
      `SELECT 'own', grantee, table_schema, privilege_type, is_grantable FROM information_schema.schema_privileges WHERE grantee IN (${grantees});`,
      `SELECT 'global', grantee, '*', privilege_type, is_grantable FROM information_schema.user_privileges WHERE grantee IN (${grantees}) AND (privilege_type <> 'USAGE' OR is_grantable = 'YES');`,
      `SELECT 'table', grantee, table_schema, privilege_type, is_grantable, table_name FROM information_schema.table_privileges WHERE grantee IN (${grantees});`,
    ].join('\n');
    const logins = resources
      .filter(({ attributes }) => attributes.state === 'present')
      .flatMap(({ id, attributes }) => accountHosts.map((host) => sh`can_log_in ${id} ${attributes.secret} ${host}`));
    return lines(
      sh`if printf '%s' ${statement} | sql 2>/dev/null; then`,
      sh`:`,
      ...logins,
      sh`elif [ -d "$(data_folder)/mysql" ]; then printf 'down\t%s\n' ${resources.map(({ id }) => id)}; fi`,
    );
  },
  parse: (output) => {
    const rows = output.split('\n').map((line) => line.split('\t'));
    const accounts = rows.flatMap(([word, name, host]) => (word === 'user' && name && host ? [{ name, host }] : []));
    const grants = rows.flatMap(([word, grantee = '', where = '', privilege = '', grantable]) => {
      if (word !== 'own' && word !== 'global') return [];
      return granted(privilege, grantable).map((each) => ({ grantee, database: unescaped(where), privilege: each }));
    });
    const tables = rows.flatMap(([word, grantee = '', schema = '', privilege = '', grantable = '', table = '']) => {
      if (word !== 'table') return [];
      const place = `${quoted(unescaped(schema))}.${quoted(unescaped(table))}`;
      return granted(privilege, grantable).map((each) => ({ grantee, privilege: each, table: place }));
    });
    const states = new Map<string, Map<string, AccountState> | 'unknown'>();
    for (const [word, name = ''] of rows) if (word === 'down') states.set(name, 'unknown');
    for (const { name, host } of accounts) {
      const account = `'${name}'@'${host}'`;
      const mine = grants.filter(({ grantee }) => grantee === account);
      const known = states.get(name);
      const byHost = known instanceof Map ? known : new Map<string, AccountState>();
      byHost.set(host, {
        login: rows.some(([word, user, from]) => word === 'login' && user === name && from === host),
        own: unique(mine.flatMap(({ database, privilege }) => (database === '*' ? [] : [`${privilege} ON ${database}`]))),
        other: unique(mine.flatMap(({ database, privilege }) => (database === '*' ? [privilege] : []))),
        tables: tables.flatMap(({ grantee, ...grant }, index) => {
          const first = tables.findIndex(
            (each) => each.grantee === grantee && each.table === grant.table && each.privilege === grant.privilege,
          );
          return grantee === account && first === index ? [grant] : [];
        }),
      });
      states.set(name, byHost);
    }
    return states;
  },
  diff: (name, desired, current) => {
    const accounts = desired.hosts.map((host) => ({ host, account: `'${name}'@'${host}'` }));
    const drop = (account: string) => sql(`DROP USER IF EXISTS ${account};`);
    if (desired.state === 'absent')
      return current
        ? [{ action: 'remove', summary: 'drop', step: { kind: 'plain', apply: lines(...accounts.map(({ account }) => drop(account))) } }]
        : [];
    // An account that somebody has created in the meantime stays theirs. If the server was down, the account may be from an earlier run.
    const create = ({ host, account }: (typeof accounts)[number]) =>
      lines(
        ...(current === 'unknown'
          ? [
              sh`if was_recorded ${nameOf({ kind: 'mysql-user', id: name })}; then`,
              identified('CREATE USER IF NOT EXISTS', account, desired.secret),
              sh`else`,
            ]
          : []),
        identified('CREATE USER', account, desired.secret),
        sh`note_created ${`${name}@${host}`}`,
        ...(current === 'unknown' ? [sh`fi`] : []),
        allowLogin(account, desired.secret),
        grant(privileges, desired.database, account),
      );
    if (!current || current === 'unknown') {
      return [
        {
          action: 'create',
          summary: `create, with all rights on ${desired.database} alone`,
          step: { kind: 'plain', apply: lines(...accounts.map(create)) },
          undo: lines(...accounts.map(({ host, account }) => ifMade(`${name}@${host}`, drop(account)))),
          ...(current && { basis: 'unread' as const }),
        },
      ];
    }
    const parts = accounts.flatMap(({ host, account }) => {
      const state = current.get(host);
      if (!state) return [{ say: `create for connections from ${host}`, now: create({ host, account }) }];
      const from = host === 'localhost' ? '' : ` from ${host}`;
      return repairs(desired, account, state).map(({ say, now }) => ({ say: `${say}${from}`, now }));
    });
    return parts.length === 0
      ? []
      : [
          {
            action: 'update',
            summary: parts.map(({ say }) => say).join('; '),
            step: { kind: 'plain', apply: lines(...parts.map(({ now }) => now)) },
          },
        ];
  },
});

function databasesQuery(names: readonly string[]): string {
  return `SELECT schema_name, (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = schema_name) FROM information_schema.schemata WHERE schema_name IN (${names.map((name) => `'${name}'`).join(',')});`;
}

/** Returns the undo command, guarded so that it runs only if this run created the item. */
function ifMade(what: string, undo: Command): Command {
  return lines(sh`if was_created ${what}; then`, undo, sh`fi`);
}

function identified(verb: string, account: string, secret: string, more = ''): Command {
  return withInput(sh`sql_filled ${secret}`, `${verb} ${account} IDENTIFIED BY '{{secret:${secret}}}'${more};`, 'SQL');
}

/** Returns the command that lets an account log in again. It may have been locked, or required to present a certificate. */
function allowLogin(account: string, secret: string): Command {
  return identified('ALTER USER', account, secret, ' REQUIRE NONE ACCOUNT UNLOCK');
}

function grant(some: readonly string[], database: string, account: string): Command {
  return sql(`GRANT ${some.join(', ')} ON ${quoted(patternOf(database))}.* TO ${account};`);
}

/** Returns the repairs that an account needs, each in words and in SQL. */
function repairs({ database, secret }: UserAttributes, account: string, { login, own, other, tables }: AccountState) {
  const right = (privilege: string) => `${privilege} ON ${patternOf(database)}`;
  const missing = privileges.filter((privilege) => !own.includes(right(privilege)));
  const spare = own.filter((each) => !privileges.some((privilege) => each === right(privilege)));
  return [
    ...(login ? [] : [{ say: 'set the password again', now: allowLogin(account, secret) }]),
    ...(missing.length === 0 ? [] : [{ say: `grant ${missing.join(', ')}`, now: grant(missing, database, account) }]),
    ...spare.map((each) => ({ say: `revoke ${each.replaceAll('\\', '')}`, now: revoke(each, account) })),
    ...tables.map(({ privilege, table }) => ({
      say: `revoke ${privilege} ON ${table.replaceAll('`', '')}`,
      now: sql(`REVOKE ${privilege} ON ${table} FROM ${account};`),
    })),
    ...(other.length === 0
      ? []
      : [{ say: `revoke ${other.join(', ')} on everything`, now: sql(`REVOKE ${other.join(', ')} ON *.* FROM ${account};`) }]),
  ];
}

/** Returns the privileges of a row. USAGE is not a privilege; MySQL lists it if only the grant option is left. */
function granted(privilege: string, grantable = ''): readonly string[] {
  return [...(privilege === 'USAGE' ? [] : [privilege]), ...(grantable === 'YES' ? ['GRANT OPTION'] : [])];
}

/** Reverts the client's batch mode, which doubles backslashes. */
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
  return withInput(sh`sql`, statement, 'SQL');
}
