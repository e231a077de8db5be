/** What is known about an installed database server. */
export interface DatabaseFacts {
  /** The path of its socket, if its configuration names one. */
  readonly socket?: string;
  /** The folders that it writes, and files in folders of others: its data folder and what its configuration names. Links are resolved. */
  readonly paths: readonly string[];
  /** The server's error if it does not let the system's root log in without a password. */
  readonly refused?: string;
}

/** Options whose values are paths that the server writes. */
export const writtenOptions = [
  'datadir',
  'tmpdir',
  'innodb-tmpdir',
  'socket',
  'mysqlx-socket',
  'pid-file',
  'log-error',
  'general-log-file',
  'slow-query-log-file',
  'log-bin',
  'log-bin-index',
  'relay-log',
  'relay-log-index',
  'secure-file-priv',
  'innodb-data-home-dir',
  'innodb-log-group-home-dir',
  'innodb-undo-directory',
  'innodb-doublewrite-dir',
  'innodb-directories',
  'innodb-temp-tablespaces-dir',
  'innodb-temp-data-file-path',
  'aria-log-dir-path',
  'rocksdb-datadir',
  'server-audit-file-path',
] as const;

/** Parses the output of `read_database_server`. */
export function databaseOf(text: string | undefined): DatabaseFacts | undefined {
  if (text === undefined) return undefined;
  const rows = text.split('\n').map((line) => line.split('\t'));
  const values = (word: string) => rows.flatMap(([name, value]) => (name === word && value ? [value] : []));
  const [socket] = values('socket');
  const [refused] = values('refused');
  return { ...(socket && { socket }), paths: [...new Set(values('path'))].sort(), ...(refused && { refused }) };
}
