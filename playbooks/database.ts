import { type Checker, type Config, type Facts, Problem, type Site, sh, versionOf } from '../src/index.ts';

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
  const preferred = versionOf(facts, 'mysql-server') !== undefined && !isInstalled('mariadb', facts);
  const engine = database.engine === 'mysql' && (database.explicit || preferred) ? 'mysql' : 'mariadb';
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

const titles = { mysql: 'MySQL', mariadb: 'MariaDB' } as const;

/** Throws a Problem where two sites, or a site and the host, want both servers: to install the one takes the other away, with its data left unread. */
export function requireOneServer({ sites }: Config, facts: Facts): void {
  const wanted = sites.flatMap((site) => {
    const engine = databaseOf(site, facts)?.engine;
    return engine ? [{ domain: site.domain, engine }] : [];
  });
  const [first] = wanted;
  const second = wanted.find(({ engine }) => engine !== first?.engine);
  if (first && second)
    throw new Problem({
      message: `${first.domain} gets ${titles[first.engine]} and ${second.domain} gets ${titles[second.engine]}, and a host runs only one of them.`,
      hint: `Give both the same database.engine. Nothing was changed.`,
    });
  const other = first?.engine === 'mysql' ? 'mariadb' : 'mysql';
  if (first && isInstalled(other, facts))
    throw new Problem({
      message: `The host has ${titles[other]}, and ${first.domain} asks for ${titles[first.engine]}, which would drive it out.`,
      hint: `Say database: { engine: '${other}' } (or --database ${other}). Or save its data, purge ${other}-server, and run again. Nothing was changed.`,
    });
}

function isInstalled(engine: Database['engine'], { packages }: Facts): boolean {
  return packages[`${engine}-server`]?.installed !== undefined;
}
