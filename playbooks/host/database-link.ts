import { isIP } from 'node:net';
import { type Config, type Facts, type InventoryHost, type Peer, Problem, secretsFolder } from '../../src/index.ts';

/** The port on which a database server accepts other servers of the configuration. It carries TLS that both sides authenticate. */
export const linkPort = 3307;

/** The unit that connects applications to a database on another server, or accepts such connections there, and its configuration. */
export const linkUnit = 'foobar-provision-database-link.service';
export const linkFile = '/etc/foobar-provision/database-link.cfg';

/** The socket of a database on another server, at the path of a local server's. */
export const linkSocket = '/run/mysqld/mysqld.sock';

/** The secrets with the certificate of the fleet's CA, and with the certificate and key of the database server. */
export const [authority, serverCertificate] = ['fleet.authority', 'fleet.database'] as const;

/** Returns the name of the secret with the certificate and key of a server that connects to the database. */
export function clientCertificate({ name }: InventoryHost): string {
  return `fleet.client-${name.replaceAll(/[^a-z0-9.-]/gi, '-')}`;
}

/** Returns the path of one of these secrets. */
export function secretPath(name: string): string {
  return `${secretsFolder}/${name}`;
}

/** Returns the servers with the first role that lack the second. */
export function hostsWithout({ hosts }: Config, has: InventoryHost['roles'][number], lacks: InventoryHost['roles'][number]) {
  return hosts.filter(({ roles }) => roles.includes(has) && !roles.includes(lacks));
}

/** Returns whether the sites' database is on another server than the host with these roles. */
export function hasDatabaseElsewhere({ sites }: Config, { roles }: InventoryHost): boolean {
  return roles.includes('web') && !roles.includes('database') && sites.some(({ database }) => database.engine !== 'none');
}

/** Returns whether the host with these roles is only a database server, for sites on others. */
export function isOnlyDatabase(config: Config, { roles }: InventoryHost): boolean {
  const hasDatabase = config.sites.some(({ database }) => database.engine !== 'none');
  return hasDatabase && roles.includes('database') && !roles.includes('web') && hostsWithout(config, 'web', 'database').length > 0;
}

/** Returns the address at which the other servers reach a host. Throws a Problem if it is not known. */
export function addressOfHost({ name, address }: InventoryHost, { addresses, ssh }: Facts): string {
  const found = address ?? ssh.address ?? (addresses.length === 1 ? addresses[0] : undefined);
  if (found !== undefined && isIP(found) > 0 && addresses.includes(found)) return found;
  const has = addresses.length > 0 ? `It has ${addresses.join(', ')}.` : '';
  throw new Problem({
    message:
      address === undefined
        ? `The address at which other servers reach ${name} is not known.`
        : `${name} does not have the address ${address} that the configuration gives it.`,
    hint: `Name one of its addresses in the configuration: { ssh: '${name}', address: '…' }. ${has}`.trim(),
  });
}

/** Returns the address of another server. Throws a Problem if the command has not connected to it. */
export function addressOfPeer({ host, facts }: Peer): string {
  if (facts) return addressOfHost(host, facts);
  throw new Problem({
    message: `${host.name} was not asked about its address, on which the settings of this server depend.`,
    hint: 'Run the command for all servers of the configuration: leave out --host, and the target.',
  });
}

/** Throws a Problem if two servers reach each other by addresses of different families. */
export function requireSameFamily(one: string, other: string): void {
  if (isIP(one) === isIP(other)) return;
  throw new Problem({
    message: `${one} and ${other} are addresses of different families, so one server cannot connect to the other.`,
    hint: 'Give both servers an `address` of the same family in the configuration.',
  });
}

/** Throws a Problem if another configuration uses the host, because a host has only one link to a database. */
export function requireNoOthers({ others = [] }: Facts, { name }: InventoryHost): void {
  const [other] = others;
  if (!other) return;
  throw new Problem({
    message: `${name} also has the configuration ${other.name}. A site and its database can be on two servers only if no other configuration uses these.`,
    hint: `Take servers of their own for this configuration, or put its sites into ${other.name} (\`sites\`).`,
  });
}

/** Returns an address as HAProxy writes it before a port. */
export function inBrackets(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}
