import {
  type Checker,
  type Config,
  type Facts,
  type Handler,
  Problem,
  restart,
  type Site,
  sh,
  shellTemplate,
  versionOf,
} from '../../src/index.ts';
import { type Elsewhere, isHidden, isWithin } from '../host/hardening.ts';

export interface Database {
  readonly engine: 'mysql' | 'mariadb';
  readonly server: string;
  readonly unit: string;
  readonly folder: string;
  readonly socket: string;
  readonly checker: Checker;
  /** Restarts the server for new settings. */
  readonly restart: Handler;
  /** Sets the limits of connections in the running server. */
  readonly reload: Handler;
}

/**
 * Returns the site's database engine: by default MySQL if the distribution has it and MariaDB is not installed, and otherwise MariaDB.
 * Undefined if the site has no database.
 */
export function databaseOf({ database }: Site, facts: Facts): Database | undefined {
  if (database.engine === 'none') return undefined;
  const preferred = versionOf(facts, 'mysql-server') !== undefined && !isInstalled('mariadb', facts);
  const engine = database.engine === 'mysql' && (database.explicit || preferred) ? 'mysql' : 'mariadb';
  const daemon = engine === 'mysql' ? 'mysqld' : 'mariadbd';
  const starts = shellTemplate('database/check.sh', { daemon });
  const socket = facts.database?.socket ?? `${engine === 'mariadb' && hasOwnFolders(facts) ? '/run/mariadbd' : '/run/mysqld'}/mysqld.sock`;
  const checker: Checker = {
    name: engine === 'mysql' ? 'mysqld --validate-config' : 'mariadbd --help --verbose',
    roots: ['/etc/mysql'],
    // First the server with its configuration, then a test that it can write to the folders that it needs.
    command: engine === 'mysql' ? sh`${daemon} --user=mysql --validate-config &&\n${starts}` : starts,
    unit: `${engine}.service`,
  };
  return {
    engine,
    server: `${engine}-server`,
    unit: engine,
    // MySQL reads mysql.conf.d last; MariaDB reads mariadb.conf.d last.
    folder: `/etc/mysql/${engine}.conf.d`,
    socket,
    checker,
    restart: { ...restart(engine, checker), summary: `restart ${engine}: applications have no database for a moment` },
    reload: {
      verb: 'reload',
      unit: `${engine}.service`,
      summary: `set the limits of ${engine}`,
      command: shellTemplate('database/connections.sh', {
        daemon,
        client: engine,
        // TLS protects nothing on a socket.
        tls: engine === 'mysql' ? '--ssl-mode=DISABLED' : '--skip-ssl',
        socket,
        unit: `${engine}.service`,
      }),
      checker,
    },
  };
}

/**
 * Returns whether this is a version of Debian's MariaDB that no longer shares `/run/mysqld` with MySQL, which is 1:11.8.9+ds-3 or later. An
 * update in a stable release keeps its paths.
 */
function hasOwnFolders(facts: Facts): boolean {
  const version = versionOf(facts, 'mariadb-server') ?? '';
  const [, release] = /-0(?:\+deb|ubuntu0\.)([\d.]+?)(?:u\d+|\.\d+)$/.exec(version) ?? [];
  if (release !== undefined) return Number(release) >= (version.includes('ubuntu') ? 26.1 : 14);
  const [, ...have] = /^1:(\d+)\.(\d+)\.(\d+)[^-]*-(\d+)/.exec(version) ?? [];
  if (have.length === 0) return false;
  const different = have.map((part, index) => Number(part) - (firstOwn[index] ?? 0)).find((by) => by !== 0);
  return (different ?? 0) >= 0;
}
const firstOwn = [11, 8, 9, 3] as const;

const titles = { mysql: 'MySQL', mariadb: 'MariaDB' } as const;

/**
 * Throws a Problem if two sites, or a site and the host, need both servers: installing one removes the other, and leaves its data
 * unreadable.
 */
export function requireOneServer({ sites }: Config, facts: Facts): void {
  const engines = sites.flatMap((site) => {
    const engine = databaseOf(site, facts)?.engine;
    return engine ? [{ domain: site.domain, engine }] : [];
  });
  const [first] = engines;
  const second = engines.find(({ engine }) => engine !== first?.engine);
  if (first && second)
    throw new Problem({
      message: `${first.domain} uses ${titles[first.engine]} and ${second.domain} uses ${titles[second.engine]}, but a host runs only one of them.`,
      hint: `Give both the same database.engine.`,
    });
  const other = first?.engine === 'mysql' ? 'mariadb' : 'mysql';
  if (first && isInstalled(other, facts))
    throw new Problem({
      message: `The host has ${titles[other]}, but ${first.domain} asks for ${titles[first.engine]}, whose packages would remove it.`,
      hint: `Set database: { engine: '${other}' } (or --database ${other}). Or back up its data, purge ${other}-server, and run again.`,
    });
}

/** Paths that the hardening makes writable for the packaged servers, and those that are writable for every service. */
const packagedPaths = [
  '/run/mysqld',
  '/run/mariadbd',
  '/var/lib/mysql',
  '/var/lib/mysql-files',
  '/var/lib/mysql-keyring',
  '/var/lib/mariadb',
  '/var/log/mysql',
  '/tmp',
  '/var/tmp',
  '/dev',
] as const;
/** Returns the additional paths that the server writes because of its own configuration. */
export function databaseElsewhere({ database }: Facts): Elsewhere {
  const paths = database?.paths ?? [];
  return { written: paths.filter((path) => !packagedPaths.some((packaged) => isWithin(path, packaged))) };
}

/** Throws a Problem if the server cannot be used because of its configuration, which only the host's owner may change. */
export function requireUsable({ host }: Config, { database: server }: Facts, { engine, socket }: Database): void {
  if (server?.refused)
    throw new Problem({
      message: `${titles[engine]} does not let the system's root log in through its socket, so no database can be created.`,
      stderr: server.refused,
      hint: `Let root log in without a password, then run again: log in the way that works now, and run
${engine === 'mysql' ? "INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'; ALTER USER root@localhost IDENTIFIED WITH auth_socket;" : 'ALTER USER root@localhost IDENTIFIED VIA unix_socket;'}
A password in /root/.my.cnf is never used.`,
    });
  if (host.hardening && isHidden(socket))
    throw new Problem({
      message: `${titles[engine]} listens at ${socket}, which no site can see: each site has its own temporary and home folders.`,
      hint: `Set \`socket\` in /etc/mysql to a path below /run/mysqld, restart ${titles[engine]}, and run again. Or set host: { hardening: false }.`,
    });
}

function isInstalled(engine: Database['engine'], { packages }: Facts): boolean {
  return packages[`${engine}-server`]?.installed !== undefined;
}
