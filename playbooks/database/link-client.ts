import {
  definePlaybook,
  directory,
  type Facts,
  file,
  type Peer,
  Problem,
  packages,
  type Resource,
  type ResourceId,
  type Scope,
  type Site,
  secret,
  service,
  sh,
  template,
} from '../../src/index.ts';
import {
  addressOfHost,
  addressOfPeer,
  authority,
  clientCertificate,
  hasDatabaseElsewhere,
  inBrackets,
  linkFile,
  linkPort,
  linkSocket,
  linkUnit,
  requireNoOthers,
  requireSameFamily,
  secretPath,
  serverCertificate,
} from '../host/database-link.ts';
import { databaseSecret } from '../host/paths.ts';
import { restartAnew } from '../host/systemd.ts';
import { mysqlCheck } from './health.ts';
import { linkChecker } from './link-server.ts';

/**
 * Connects the applications to their database on another server: at the socket and the port of a local one, so that their settings are the
 * same. What it needs to log in there is generated on that server.
 */
export default definePlaybook({
  name: 'database-client',
  roles: ['web'],
  packages: ({ config, host }) => (hasDatabaseElsewhere(config, host) ? ['haproxy'] : []),
  presence: ({ config, host }) => (hasDatabaseElsewhere(config, host) ? ['mariadb-server', 'mysql-server'] : []),
  secrets: ({ site, config, host }) =>
    hasDatabaseElsewhere(config, host) ? [authority, clientCertificate(host), databaseSecret(site)] : [],

  // When the database moves to another host, the server that was here is stopped. It keeps its data, its configuration and its accounts.
  forgets: ({ site, config, host }) => (hasDatabaseElsewhere(config, host) ? formerResources(site) : []),

  resources: (scope, facts) => {
    const { site, config, host, peers } = scope;
    const [database] = peers.database;
    if (!database || !hasDatabaseElsewhere(config, host)) return [];
    requireNoOthers(facts, host);
    const former = formerServer(facts, host.name);
    const notify = { ...restartAnew(linkUnit), checker: linkChecker };
    return [
      ...packages('haproxy', 'mariadb-client'),
      service('haproxy', { running: false, enabled: false, broughtBy: 'haproxy' }),
      ...former,
      directory('/etc/foobar-provision'),
      carried(authority, database, { lines: true, notify }),
      carried(clientCertificate(host), database, { lines: true, notify }),
      ...(site.database.engine === 'none' ? [] : [carried(databaseSecret(site), database, {})]),
      file(linkFile, { content: clientConfiguration(scope, facts, database), notify }),
      file(`/etc/systemd/system/${linkUnit}`, {
        content: template('database/link.service', {
          what: `Connects the applications to their database on ${database.host.name}, over TLS`,
          file: linkFile,
          folder: 'RuntimeDirectory=mysqld',
          hardening: config.host.hardening ? template('database/link-hardening.conf').trimEnd() : '',
        }),
        notify,
      }),
      service(linkUnit, { running: true, enabled: true }),
    ];
  },

  health: ({ site, config, host, peers }) => {
    const [database] = peers.database;
    if (!database || !hasDatabaseElsewhere(config, host) || site.database.engine === 'none') return [];
    return [
      mysqlCheck({
        socket: linkSocket,
        database: site.database.name,
        user: site.database.user,
        secret: databaseSecret(site),
        over: `over TLS, on ${database.host.name}`,
        log: sh`journalctl --no-pager -o cat -n 10 -u ${linkUnit}`,
      }),
    ];
  },
});

/** Stops a server that answered here before the database moved to another host. Its data stays. */
function formerServer({ packages: all }: Facts, host: string): readonly Resource[] {
  const has = (engine: string) => all[`${engine}-server`]?.installed !== undefined;
  if (has('mysql'))
    throw new Problem({
      message: `${host} has a MySQL server, whose client excludes the one of MariaDB, which is needed for a database on another server.`,
      hint: 'Set up a new web server instead, and copy the data to it: see docs/several-servers.md. Or back up its data, purge mysql-server, and run again.',
    });
  return has('mariadb') ? [...packages('mariadb-server'), service('mariadb', { running: false, enabled: false })] : [];
}

/** Returns what earlier runs have set up for a server here. */
function formerResources({ database: { name, user } }: Site): readonly ResourceId[] {
  const files = ['90-foobar-provision.cnf', '90-foobar-provision-connections.cnf'].map((file) => `/etc/mysql/mariadb.conf.d/${file}`);
  const hardening = '/etc/systemd/system/mariadb.service.d';
  return [
    { kind: 'mysql-database', id: name },
    { kind: 'mysql-user', id: user },
    { kind: 'mysql-time-zones', id: 'zoneinfo' },
    ...['/var/log/mysql', hardening].map((id) => ({ kind: 'directory', id })),
    ...[...files, `${hardening}/10-foobar-provision.conf`].map((id) => ({ kind: 'file', id })),
  ];
}

function carried(name: string, { host, secret: secretOf }: Peer, options: Omit<Parameters<typeof secret>[1], 'from' | 'value'>) {
  return secret(name, { ...options, from: { host: host.name, value: secretOf?.(name) } });
}

function clientConfiguration({ host }: Scope, facts: Facts, database: Peer): string {
  const [own, other] = [addressOfHost(host, facts), addressOfPeer(database)];
  requireSameFamily(own, other);
  return template('database/link-client.cfg', {
    server: database.host.name,
    socket: linkSocket,
    address: `${inBrackets(other)}:${linkPort}`,
    own,
    name: serverCertificate,
    authority: secretPath(authority),
    certificate: secretPath(clientCertificate(host)),
  });
}
