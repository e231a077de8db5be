import { type Checker, type Facts, type Site, sh, versionOf } from '../src/index.ts';

export interface Database {
  readonly engine: 'mysql' | 'mariadb';
  readonly server: string;
  readonly unit: string;
  readonly folder: string;
  readonly socket: string;
  readonly checker: Checker;
}

/** Which database the site gets: MySQL where the distribution has it, MariaDB otherwise or when asked for; undefined where it wants none. */
export function databaseOf({ database }: Site, facts: Facts): Database | undefined {
  if (database.engine === 'none') return undefined;
  const has = (name: string) => versionOf(facts, name) !== undefined;
  const engine =
    database.engine === 'mysql' && (has('mysql-server') || database.explicit) && facts.packages['mariadb-server']?.installed === undefined
      ? 'mysql'
      : 'mariadb';
  const daemon = engine === 'mysql' ? 'mysqld' : 'mariadbd';
  return {
    engine,
    server: `${engine}-server`,
    unit: engine,
    // MySQL reads mysql.conf.d last; MariaDB reads mariadb.conf.d last.
    folder: `/etc/mysql/${engine}.conf.d`,
    socket: '/run/mysqld/mysqld.sock',
    checker: {
      name: engine === 'mysql' ? 'mysqld --validate-config' : 'mariadbd --help --verbose',
      roots: ['/etc/mysql'],
      command: engine === 'mysql' ? sh`${daemon} --user=mysql --validate-config` : sh`${daemon} --user=mysql --help --verbose >/dev/null`,
    },
  };
}
