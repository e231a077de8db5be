import { Resolver } from 'node:dns/promises';

/** The queries that we send to a nameserver. */
export type Nameserver = Pick<Resolver, 'resolve4' | 'resolve6' | 'resolveNs' | 'resolveCname' | 'resolveCaa'>;

/** Returns a client of the nameservers with these addresses, or of this machine's own nameservers by default. */
export type NameserverFactory = (servers?: readonly string[]) => Nameserver;

/** The timeout of one nameserver, after which the next one is asked. */
const nameserverTimeoutMs = 1000;

/**
 * Returns the servers in `FOOBAR_DNS_SERVERS`, as `address[:port]` separated by commas. They answer all queries, as if they were
 * authoritative for every zone.
 */
function configuredServers(): readonly string[] {
  return (process.env.FOOBAR_DNS_SERVERS ?? '').split(',').filter(Boolean);
}

export const systemNameservers: NameserverFactory = (servers = configuredServers()) => {
  const resolver = new Resolver({ timeout: nameserverTimeoutMs, tries: 1 });
  if (servers.length > 0) resolver.setServers([...servers]);
  return resolver;
};

/**
 * Returns the authoritative nameservers of a name, which know a new record immediately, while others answer from a cache for hours.
 * If they cannot be determined, returns this machine's own.
 */
export async function authorityOf(name: string, nameserver: NameserverFactory = systemNameservers): Promise<Nameserver> {
  const system = nameserver();
  if (configuredServers().length > 0) return system;
  const zones = await Promise.all(suffixes(name).map((zone) => system.resolveNs(zone).catch(() => [])));
  const names = zones.find((servers) => servers.length > 0) ?? [];
  const addresses = await Promise.all(names.slice(0, 4).map((server) => addressOf(server, system)));
  const authoritative = addresses.flat();
  return authoritative.length === 0 ? system : nameserver(authoritative);
}

async function addressOf(server: string, system: Nameserver): Promise<readonly string[]> {
  const v4 = await system.resolve4(server).catch(() => []);
  if (v4.length > 0) return v4.slice(0, 1);
  const v6 = await system.resolve6(server).catch(() => []);
  return v6.slice(0, 1).map((address) => `[${address}]`);
}

/** Returns the zones that may contain a name, nearest first, e.g. `a.b.example` and `b.example`. Excludes the top-level domain. */
export function suffixes(name: string): readonly string[] {
  const labels = name.split('.');
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
}
