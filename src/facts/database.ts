/** What an installed database server says of itself; a host without one has none of it. */
export interface DatabaseFacts {
  /** Where it listens for programs of its host, where its configuration says so. */
  readonly socket?: string;
  /** The folders, and files of folders that are not its own, that it writes: its data's, and what its configuration names. Links are resolved. */
  readonly paths: readonly string[];
  /** In the server's words, why it does not let the system's root in without a password. */
  readonly refused?: string;
}

/** Options whose values are what the server writes. */
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

/** Understands what `read_database_server` printed. */
export function databaseOf(text: string | undefined): DatabaseFacts | undefined {
  if (text === undefined) return undefined;
  const rows = text.split('\n').map((line) => line.split('\t'));
  const values = (word: string) => rows.flatMap(([name, value]) => (name === word && value ? [value] : []));
  const [socket] = values('socket');
  const [refused] = values('refused');
  return { ...(socket && { socket }), paths: [...new Set(values('path'))].sort(), ...(refused && { refused }) };
}
