import { Secret } from '../command/secret.ts';

/** What an application needs to reach its database. */
export interface Credentials {
  readonly host: string;
  readonly port?: number;
  readonly socket?: string;
  readonly name: string;
  readonly user: string;
  readonly password: Secret;
}

export type Field = 'host' | 'port' | 'socket' | 'name' | 'user' | 'password' | 'url';

/** A value in a configuration file: the literal as it is written, from `start` to `end`. */
interface Literal {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** A file in which an application keeps the credentials of its database. */
export interface CredentialFile {
  readonly path: string;
  readonly credentials: Credentials;
  /** Returns the file's text with its values replaced. A value stays as it is if its replacement is undefined. */
  readonly rewritten: (replacement: (field: Field) => string | undefined) => string;
  /** Returns a value of letters, digits and the like as a literal of this file. */
  readonly quoted: (value: string) => string;
  /** True if a value can be any expression of PHP, such as `getenv('DB_NAME')`. */
  readonly takesExpressions: boolean;
}

interface Format {
  readonly paths: readonly string[];
  readonly kind: 'php' | 'ini' | 'env';
  /** For each field, a pattern of the text before its literal. */
  readonly before: Partial<Readonly<Record<Field, string>>>;
  /** False if the file is PHP that allows only constants there, such as the properties of a class. */
  readonly takesExpressions: boolean;
}

const assigned = (name: string) => `^[ \\t]*(?:public\\s+|var\\s+|global\\s+)?\\$${name}\\s*=\\s*`;
const defined = (name: string) => `^[ \\t]*(?:defined\\([^)]*\\)\\s*(?:\\|\\||or)\\s*)?define\\(\\s*['"]${name}['"]\\s*,\\s*`;
const keyed = (name: string) => `^(?![ \\t]*(?:\\*|#|//)).*?['"]${name}['"]\\s*=>\\s*`;
const line = (name: string) => `^[ \\t]*(?:export\\s+)?${name}[ \\t]*=[ \\t]*`;

/** Where applications keep their database's name and password. Of the rows of one path, the first that matches counts. */
const formats: readonly Format[] = [
  {
    paths: [
      'wp-config.php',
      '../wp-config.php',
      'config.php',
      'inc/config.php',
      'includes/config.php',
      'admin/config.php',
      'config/config.php',
    ],
    kind: 'php',
    before: { name: defined('DB_NAME'), user: defined('DB_USER'), password: defined('DB_PASSWORD'), host: defined('DB_HOST') },
    takesExpressions: true,
  },
  {
    // OpenCart
    paths: ['config.php', 'admin/config.php', 'upload/config.php'],
    kind: 'php',
    before: {
      name: defined('DB_DATABASE'),
      user: defined('DB_USERNAME'),
      password: defined('DB_PASSWORD'),
      host: defined('DB_HOSTNAME'),
      port: defined('DB_PORT'),
    },
    takesExpressions: true,
  },
  {
    // Joomla: the properties of a class
    paths: ['configuration.php'],
    kind: 'php',
    before: { name: assigned('db'), user: assigned('user'), password: assigned('password'), host: assigned('host') },
    takesExpressions: false,
  },
  {
    // MediaWiki
    paths: ['LocalSettings.php'],
    kind: 'php',
    before: { name: assigned('wgDBname'), user: assigned('wgDBuser'), password: assigned('wgDBpassword'), host: assigned('wgDBserver') },
    takesExpressions: true,
  },
  {
    // Moodle
    paths: ['config.php'],
    kind: 'php',
    before: {
      name: '^[ \\t]*\\$CFG->dbname\\s*=\\s*',
      user: '^[ \\t]*\\$CFG->dbuser\\s*=\\s*',
      password: '^[ \\t]*\\$CFG->dbpass\\s*=\\s*',
      host: '^[ \\t]*\\$CFG->dbhost\\s*=\\s*',
    },
    takesExpressions: true,
  },
  {
    // phpBB and many others
    paths: [
      'config.php',
      'inc/config.php',
      'includes/config.php',
      'config.inc.php',
      'db.php',
      'inc/db.php',
      'includes/db.php',
      'config/database.php',
      'database.php',
      'connect.php',
    ],
    kind: 'php',
    before: {
      name: assigned('(?:db_?name|db_?database|database|mysql_?(?:db|database))'),
      user: assigned('(?:db_?user(?:name)?|user(?:name)?|mysql_?user)'),
      password: assigned('(?:db_?pass(?:w(?:or)?d)?|pass(?:w(?:or)?d)?|mysql_?pass(?:word)?)'),
      host: assigned('(?:db_?(?:host|server)|host|server(?:name)?|mysql_?(?:host|server))'),
      port: assigned('db_?port'),
    },
    takesExpressions: true,
  },
  {
    // Drupal, CodeIgniter, Magento, Nextcloud, PrestaShop, TYPO3, Craft: arrays
    paths: [
      'sites/default/settings.php',
      'web/sites/default/settings.php',
      'application/config/database.php',
      'app/Config/Database.php',
      'app/etc/env.php',
      'config/config.php',
      'app/config/parameters.php',
      'config/app_local.php',
      'config/database.php',
      'config/db.php',
      'config/system/settings.php',
      'typo3conf/LocalConfiguration.php',
      'config.php',
      'inc/config.php',
      'config.inc.php',
      'settings.php',
    ],
    kind: 'php',
    before: {
      name: keyed('(?:database|dbname|database_name|db_name)'),
      user: keyed('(?:username|dbuser|database_user|db_user|user)'),
      password: keyed('(?:password|dbpassword|database_password|db_pass(?:word)?|pass)'),
      host: keyed('(?:host|hostname|dbhost|database_host|db_host)'),
      port: keyed('(?:port|database_port)'),
    },
    takesExpressions: true,
  },
  {
    // Matomo
    paths: ['config/config.ini.php', 'config.ini', 'config/config.ini'],
    kind: 'ini',
    before: { name: line('dbname'), user: line('username'), password: line('password'), host: line('host'), port: line('port') },
    takesExpressions: false,
  },
  {
    paths: ['.env.local', '.env.prod.local', '.env', '../.env'],
    kind: 'env',
    before: {
      name: line('(?:DB_DATABASE|DB_NAME|MYSQL_DATABASE|DATABASE_NAME)'),
      user: line('(?:DB_USERNAME|DB_USER|MYSQL_USER|DATABASE_USER)'),
      password: line('(?:DB_PASSWORD|DB_PASS|MYSQL_PASSWORD|DATABASE_PASSWORD)'),
      host: line('(?:DB_HOST|DB_HOSTNAME|MYSQL_HOST|DATABASE_HOST)'),
      port: line('(?:DB_PORT|MYSQL_PORT|DATABASE_PORT)'),
      socket: line('DB_SOCKET'),
      url: line('DATABASE_URL'),
    },
    takesExpressions: false,
  },
];

/** The paths, relative to the application's folder, of the files that say how it reaches its database. */
export const credentialPaths: readonly string[] = [...new Set([...formats.flatMap(({ paths }) => paths), '../wp-settings.php'])];

/** Returns the credentials in an application's files. `texts` has the text of each file that exists, by its path. */
export function credentialsIn(texts: ReadonlyMap<string, string>): CredentialFile | undefined {
  for (const path of credentialPaths) {
    const text = texts.get(path);
    // WordPress does the same: it ignores the settings above its folder if another WordPress is installed there.
    if (text === undefined || (path === '../wp-config.php' && texts.has('../wp-settings.php'))) continue;
    for (const format of formats) {
      const found = format.paths.includes(path) ? read(text, path, format) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}

const literals: Readonly<Record<Format['kind'], string>> = {
  php: `'(?:\\\\.|[^'\\\\])*'|"(?:\\\\.|[^"\\\\$])*"|\\d+`,
  ini: `"[^"]*"|[^\\s;]*`,
  env: `"(?:\\\\.|[^"\\\\])*"|'[^']*'|[^\\s#]*`,
};

function read(text: string, path: string, { kind, before, takesExpressions }: Format): CredentialFile | undefined {
  const found = new Map<Field, Literal>();
  for (const [field, pattern] of Object.entries(before) as [Field, string][]) {
    const match = new RegExp(`(${pattern})(${literals[kind]})`, 'm').exec(text);
    const [, ahead = '', literal] = match ?? [];
    if (!match || literal === undefined) continue;
    const start = match.index + match[0].length - literal.length;
    found.set(field, { value: unquoted(literal), start: Math.max(start, match.index + ahead.length), end: match.index + match[0].length });
  }
  const url = urlOf(found.get('url')?.value);
  const valueIn = (field: Exclude<Field, 'url'>) => url?.[field] ?? found.get(field)?.value;
  const [name, user] = [valueIn('name'), valueIn('user')];
  if (!name || !user || (kind === 'env' && /^DB_CONNECTION\s*=\s*"?(?:sqlite|pgsql)/m.test(text))) return undefined;
  const [, host = '', extra] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(valueIn('host') ?? '') ?? [];
  const port = Number(valueIn('port') ?? (extra && /^\d+$/.test(extra) ? extra : 0));
  const socket = valueIn('socket') || (extra?.startsWith('/') ? extra : undefined);
  return {
    path,
    takesExpressions,
    quoted: (value) => ({ php: `'${value}'`, ini: `"${value}"`, env: value })[kind],
    credentials: {
      host: host === '' ? 'localhost' : host,
      ...(port > 0 && { port }),
      ...(socket && { socket }),
      name,
      user,
      password: new Secret(valueIn('password') ?? ''),
    },
    rewritten(replacement) {
      const parts = [...found].sort(([, one], [, other]) => other.start - one.start);
      return parts.reduce((all, [field, { start, end }]) => {
        const value = replacement(field);
        return value === undefined ? all : `${all.slice(0, start)}${value}${all.slice(end)}`;
      }, text);
    },
  };
}

function unquoted(literal: string): string {
  if (literal.startsWith("'")) return literal.slice(1, -1).replaceAll(/\\(['\\])/g, '$1');
  if (literal.startsWith('"')) return literal.slice(1, -1).replaceAll(/\\(["\\$])/g, '$1');
  return literal;
}

/** Parses `mysql://user:password@host:port/name`. Returns undefined for any other text. */
function urlOf(text: string | undefined): Partial<Record<Exclude<Field, 'url'>, string>> | undefined {
  const [, user = '', password = '', host = '', port, name = '', query = ''] =
    /^(?:mysql2?|mariadb):\/\/([^:@/]*)(?::([^@/]*))?@([^:/]*)(?::(\d+))?\/([^?]*)(?:\?(.*))?$/.exec(text ?? '') ?? [];
  if (name === '') return undefined;
  const socket = /(?:^|&)unix_socket=([^&]*)/.exec(query)?.[1];
  const plain = decodeURIComponent;
  return {
    user: plain(user),
    password: plain(password),
    host: plain(host),
    name: plain(name),
    ...(port && { port }),
    ...(socket && { socket: plain(socket) }),
  };
}

/** Returns the name of the environment variable that has this value on the new server. */
export function variableOf(field: Field): string {
  const names: Readonly<Record<Field, string>> = {
    host: 'DB_HOST',
    port: 'DB_PORT',
    socket: 'DB_SOCKET',
    name: 'DB_DATABASE',
    user: 'DB_USERNAME',
    password: 'DB_PASSWORD',
    url: 'DATABASE_URL',
  };
  return names[field];
}
