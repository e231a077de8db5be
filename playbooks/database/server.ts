import {
  aboutOf,
  definePlaybook,
  directory,
  file,
  group,
  mysqlDatabase,
  mysqlTimeZones,
  mysqlUser,
  packages,
  secret,
  service,
  sh,
  stateFolder,
  template,
  user,
} from '../../src/index.ts';
import { isOnlyDatabase } from '../host/database-link.ts';
import { hardeningOf } from '../host/hardening.ts';
import { databaseSecret, pathsOf, userOf } from '../host/paths.ts';
import { sizesOf } from '../host/sizes.ts';
import { databaseElsewhere, databaseOf, requireOneServer, requireUsable } from './engine.ts';
import { mysqlCheck } from './health.ts';

/**
 * The database server, the site's database, and the database's user. The user's password is generated and kept on the host; the
 * survey reads it over SSH, for the health check and to redact it from output.
 */
export default definePlaybook({
  name: 'mysql',
  roles: ['database'],
  packages: ({ site }) => (site.database.engine === 'none' ? [] : [['mysql-server', 'mariadb-server']]),
  secrets: ({ site }) => [databaseSecret(site)],

  resources: ({ site, config, host }, facts) => {
    requireOneServer(config, facts);
    const database = databaseOf(site, facts);
    if (!database) return [];
    requireUsable(config, facts, database);
    const sizes = sizesOf(facts, aboutOf(config, facts.others).shared);
    const content = template('database/server.cnf', {
      memory: facts.memory,
      engine: database.engine === 'mysql' ? '# Nothing that foobar-provision sets up uses the X protocol.\nmysqlx = OFF' : '',
      bufferReason: 'A quarter of the memory; the rest is for applications, the system and the page cache.',
      buffer: sizes.buffer,
    });
    const connections = template('database/connections.cnf', {
      connections: sizes.connections,
      connectionsPerAccount: sizes.connectionsPerAccount,
    });
    return [
      ...packages(database.server),
      directory('/var/log/mysql', { owner: 'mysql', group: 'adm', mode: '2750' }),
      file(`${database.folder}/90-foobar-provision.cnf`, { content, notify: database.restart }),
      file(`${database.folder}/90-foobar-provision-connections.cnf`, { content: connections, notify: database.reload }),
      ...hardeningOf(database.unit, 'database/hardening.conf', config, database.restart, databaseElsewhere(facts)),
      service(database.unit, { running: true, enabled: true, ports: [{ port: 3306, on: 'loopback' }] }),
      secret(databaseSecret(site)),
      // The database's client and dump programs run as this user.
      ...(isOnlyDatabase(config, host) ? [group(userOf(site)), user(userOf(site), { home: pathsOf(site).home })] : []),
      mysqlTimeZones(),
      mysqlDatabase(site.database.name),
      mysqlUser(site.database.user, { database: site.database.name, secret: databaseSecret(site) }),
      // Where `db import` keeps snapshots.
      directory(`${stateFolder}/databases`, { mode: '0700' }),
      directory(`${stateFolder}/databases/${site.domain}`, { mode: '0700', holds: 'data' }),
    ];
  },

  // An import that was interrupted while it exchanged the tables leaves this file.
  observe: ({ site }) => sh`[ ! -e ${`${stateFolder}/databases/${site.domain}/replacement/begun`} ] || echo interrupted import`,

  health: ({ site }, facts) => {
    const database = databaseOf(site, facts);
    if (!database) return [];
    const { name, user } = site.database;
    return [
      mysqlCheck({
        socket: database.socket,
        database: name,
        user,
        secret: databaseSecret(site),
        log: sh`journalctl --no-pager -o cat -n 10 -u ${database.unit}; tail -n 10 /var/log/mysql/error.log 2>/dev/null`,
      }),
    ];
  },
});
