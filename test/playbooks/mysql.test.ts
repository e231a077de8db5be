import { describe, expect, test } from 'vitest';
import mysql from '../../playbooks/database/server.ts';
import { Problem } from '../../src/index.ts';
import { config } from './configs.ts';
import { bookworm, sid, trixie, ubuntu } from './hosts.ts';
import { contentOf, list } from './list.ts';
import { scopeOf } from './view.ts';

const snapshotsOf = (domain: string) => [
  'directory:/var/lib/foobar-provision/databases 0700',
  `directory:/var/lib/foobar-provision/databases/${domain} 0700 data`,
];

const wants = (engine: 'mysql' | 'mariadb') => [
  `package:${engine}-server`,
  'directory:/var/log/mysql 2750 mysql:adm',
  `file:/etc/mysql/${engine}.conf.d/90-foobar-provision.cnf 0644 => restart:${engine}.service`,
  `file:/etc/mysql/${engine}.conf.d/90-foobar-provision-connections.cnf 0644 => reload:${engine}.service`,
  `directory:/etc/systemd/system/${engine}.service.d 0755`,
  `file:/etc/systemd/system/${engine}.service.d/10-foobar-provision.conf 0644 => restart:${engine}.service`,
  `service:${engine}.service running enabled`,
  'secret:foobar.com.database',
  'mysql-time-zones:zoneinfo',
  'mysql-database:foobar_com',
  'mysql-user:foobar_com on foobar_com by foobar.com.database',
  ...snapshotsOf('foobar.com'),
];
const mariadbThere = { 'mariadb-server': { installed: '1:10.11.13-0ubuntu0.24.04.1' } };

const socketOf = (facts: typeof trixie) => {
  const [check] = mysql.health?.(scopeOf(config()), facts) ?? [];
  return check?.socket;
};

describe('mysql', () => {
  test.each([
    ['trixie, which has no MySQL', config(), trixie, wants('mariadb')],
    ['bookworm, which has none either', config(), bookworm, wants('mariadb')],
    ['sid', config(), sid, wants('mysql')],
    ['Ubuntu 24.04', config(), ubuntu, wants('mysql')],
    ['sid, with MariaDB in the configuration', config({ database: { engine: 'mariadb', explicit: true } }), sid, wants('mariadb')],
    ['trixie, with MySQL in the configuration, which apt does not have', config({ database: { explicit: true } }), trixie, wants('mysql')],
    ['a host that has MariaDB already', config(), { ...ubuntu, packages: { ...ubuntu.packages, ...mariadbThere } }, wants('mariadb')],
    ['no database', config({ database: { engine: 'none', explicit: true } }), sid, []],
    [
      'names in the configuration',
      config({ database: { name: 'shop', user: 'keeper' } }),
      sid,
      [
        ...wants('mysql').slice(0, 9),
        'mysql-database:shop',
        'mysql-user:keeper on shop by foobar.com.database',
        ...snapshotsOf('foobar.com'),
      ],
    ],
    ['two sites, of which one has none', config({ domain: 'one.test', database: { engine: 'none' } }, {}), sid, wants('mysql')],
    [
      'two sites',
      config({}, { domain: 'two.test' }),
      sid,
      [
        ...wants('mysql'),
        'secret:two.test.database',
        'mysql-database:two_test',
        'mysql-user:two_test on two_test by two.test.database',
        ...snapshotsOf('two.test').slice(1),
      ],
    ],
  ])('%s', (_, wanted, facts, expected) => {
    expect(list(mysql, wanted, facts)).toEqual(expected);
  });

  const mysqlThere = { 'mysql-server': { installed: '9.7.4-2' } };
  const explicit = (engine: 'mysql' | 'mariadb') => ({ database: { engine, explicit: true } });
  test.each([
    [
      'two sites that ask for both',
      config(explicit('mariadb'), { domain: 'two.test', ...explicit('mysql') }),
      sid,
      'foobar.com uses MariaDB and two.test uses MySQL, but a host runs only one of them.',
    ],
    [
      'a site that asks for one, and one that gets the other',
      config({}, { domain: 'two.test', ...explicit('mariadb') }),
      sid,
      'foobar.com uses MySQL and two.test uses MariaDB',
    ],
    [
      'MySQL where MariaDB is there',
      config(explicit('mysql')),
      { ...ubuntu, packages: { ...ubuntu.packages, ...mariadbThere } },
      'The host has MariaDB, but foobar.com asks for MySQL, whose packages would remove it.',
    ],
    [
      'MariaDB where MySQL is there',
      config({ database: { engine: 'none' } }, { domain: 'two.test', ...explicit('mariadb') }),
      { ...sid, packages: mysqlThere },
      'The host has MySQL, but two.test asks for MariaDB',
    ],
  ])('%s: a problem, before anything is changed', (_, wanted, facts, message) => {
    expect(() => list(mysql, wanted, facts)).toThrow(Problem);
    expect(() => list(mysql, wanted, facts)).toThrow(message);
  });

  test.each([
    ['mariadb-4096', trixie, 'mariadb'],
    ['mysql-4096', sid, 'mysql'],
    ['mariadb-512', { ...bookworm, memory: 512, processors: 1 }, 'mariadb'],
  ])('its configuration: %s', async (name, facts, engine) => {
    const path = `/etc/mysql/${engine}.conf.d/90-foobar-provision.cnf`;
    await expect(contentOf(mysql, config(), facts, path)).toMatchFileSnapshot(`expected/${name}.cnf`);
    const connections = path.replace('.cnf', '-connections.cnf');
    await expect(contentOf(mysql, config(), facts, connections)).toMatchFileSnapshot(`expected/${name}-connections.cnf`);
  });

  test('its checker is the server itself, with its own folder', () => {
    const checkers = [trixie, sid].map((facts) => {
      const [file] = mysql.resources(scopeOf(config()), facts).filter(({ kind }) => kind === 'file');
      return file?.notify[0]?.checker;
    });
    expect(checkers).toMatchObject([
      {
        name: 'mariadbd --help --verbose',
        roots: ['/etc/mysql'],
        unit: 'mariadb.service',
        command: { text: expect.stringContaining('$(mariadbd --user=mysql') },
      },
      {
        name: 'mysqld --validate-config',
        roots: ['/etc/mysql'],
        unit: 'mysql.service',
        command: { text: expect.stringMatching(/^mysqld --user=mysql --validate-config &&/) },
      },
    ]);
  });

  test('either package name is looked up, and none without a database', () => {
    const asked = (wanted: ReturnType<typeof config>) => mysql.packages?.(scopeOf(wanted));
    expect(asked(config())).toEqual([['mysql-server', 'mariadb-server']]);
    expect(asked(config({ database: { engine: 'none' } }))).toEqual([]);
  });

  test.each([
    ['1:10.11.19-0+deb12u1', '/run/mysqld'],
    ['1:11.8.9+ds-0+deb13u1', '/run/mysqld'],
    ['1:11.8.9+ds-2', '/run/mysqld'],
    ['1:11.8.9+ds-3', '/run/mariadbd'],
    ['1:12.3.1-1', '/run/mariadbd'],
    ['1:11.8.9+ds-0+deb14u1', '/run/mariadbd'],
    ['1:11.8.8-0ubuntu0.26.04.1', '/run/mysqld'],
    ['1:11.8.9-0ubuntu0.26.10.1', '/run/mariadbd'],
    ['1:11.8.9+maria~deb13', '/run/mysqld'],
  ])('MariaDB %s listens in %s', (version, folder) => {
    expect(socketOf({ ...trixie, packages: { 'mariadb-server': { candidate: version } } })).toBe(`${folder}/mysqld.sock`);
    expect(
      socketOf({ ...trixie, database: { socket: '/run/own.sock', paths: [] }, packages: { 'mariadb-server': { installed: version } } }),
    ).toBe('/run/own.sock');
  });

  const hardening = (paths: readonly string[]) =>
    contentOf(mysql, config(), { ...trixie, database: { paths } }, '/etc/systemd/system/mariadb.service.d/10-foobar-provision.conf');

  test('its hardening leaves what its own configuration names writable', () => {
    const packaged = hardening([]);
    expect(packaged).toContain('\nProtectHome=yes\n');
    expect(hardening(['/run/mysqld', '/tmp', '/var/lib/mysql', '/var/log/mysql'])).toBe(packaged);
    expect(hardening(['/data/my sql', '/var/lib/mysql2'])).toContain(
      '\nReadWritePaths="-/data/my sql" "-/var/lib/mysql2"\nProtectHome=yes\n',
    );
    expect(hardening(['/home/mysql'])).toContain('\nReadWritePaths="-/home/mysql"\nProtectHome=read-only\n');
  });

  test.each([
    [{ paths: [], refused: "ERROR 1698 (28000): Access denied for user 'root'@'localhost'" }, 'does not let the system'],
    [{ paths: [], socket: '/tmp/mysql.sock' }, 'MariaDB listens at /tmp/mysql.sock, which no site can see'],
    [{ paths: [], socket: '/home/db/mysql.sock' }, 'MariaDB listens at /home/db/mysql.sock, which no site can see'],
  ])('a server that sites cannot use is a problem before anything is changed', (database, message) => {
    expect(() => list(mysql, config(), { ...trixie, database })).toThrow(Problem);
    expect(() => list(mysql, config(), { ...trixie, database })).toThrow(message);
  });

  test('its health check logs in as the application', () => {
    expect(mysql.health?.(scopeOf(config()), sid)).toMatchObject([
      { hop: 'mysql', socket: '/run/mysqld/mysqld.sock', database: 'foobar_com', user: 'foobar_com', secret: 'foobar.com.database' },
    ]);
  });
});
