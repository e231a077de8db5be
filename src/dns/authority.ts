import { Resolver } from 'node:dns/promises';

/** What is asked of a nameserver. */
export type Nameserver = Pick<Resolver, 'resolve4' | 'resolve6' | 'resolveNs' | 'resolveCname' | 'resolveCaa'>;

/** The nameservers with these addresses, or this machine's own where none are named. */
export type Asking = (servers?: readonly string[]) => Nameserver;

/** Milliseconds that one nameserver has before the next is asked. */
const patience = 1000;

/** As `FOOBAR_DNS_SERVERS` names them, `address[:port]` with commas between: they are asked for everything, and count as every zone's own. */
function instead(): readonly string[] {
  return (process.env.FOOBAR_DNS_SERVERS ?? '').split(',').filter(Boolean);
}

export const usual: Asking = (servers = instead()) => {
  const resolver = new Resolver({ timeout: patience, tries: 1 });
  if (servers.length > 0) resolver.setServers([...servers]);
  return resolver;
};

/**
 * The nameservers that are responsible for a name, who know a record at once when it is made; others answer for hours with what they heard before.
 * Where they cannot be found out, this machine's own.
 */
export async function authorityOf(name: string, asking: Asking = usual): Promise<Nameserver> {
  const own = asking();
  if (instead().length > 0) return own;
  const zones = await Promise.all(suffixes(name).map((zone) => own.resolveNs(zone).catch(() => [])));
  const names = zones.find((servers) => servers.length > 0) ?? [];
  const addresses = await Promise.all(names.slice(0, 4).map((server) => addressOf(server, own)));
  const found = addresses.flat();
  return found.length === 0 ? own : asking(found);
}

async function addressOf(server: string, own: Nameserver): Promise<readonly string[]> {
  const v4 = await own.resolve4(server).catch(() => []);
  if (v4.length > 0) return v4.slice(0, 1);
  const v6 = await own.resolve6(server).catch(() => []);
  return v6.slice(0, 1).map((address) => `[${address}]`);
}

/** `a.b.example`, `b.example`: the zones that may hold a name, the nearest first. A top-level domain holds no site. */
export function suffixes(name: string): readonly string[] {
  const labels = name.split('.');
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
}
