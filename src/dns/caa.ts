import { within } from '../within.ts';
import { authorityOf, type NameserverFactory, suffixes, systemNameservers } from './authority.ts';

/** The CA checks CAA records itself, so our check is only an early warning and must not delay a run. */
const timeoutSeconds = 2;

/**
 * Returns the missing record if the CAA records of the name's zone allow only other CAs to issue certificates (RFC 8659), or
 * undefined if they allow this one or there are none. `ca` is the CA's name in such records, e.g. `letsencrypt.org`.
 */
export async function missingCaaRecord(
  name: string,
  ca: string,
  nameserver: NameserverFactory = systemNameservers,
): Promise<string | undefined> {
  try {
    return await within(timeoutSeconds, async () => {
      const server = await authorityOf(name, nameserver);
      const each = await Promise.all(
        suffixes(name).map(async (zone) => ({ zone, records: await server.resolveCaa(zone).catch(() => []) })),
      );
      const nearest = each.find(({ records }) => records.length > 0);
      const issuers = nearest?.records.flatMap(({ issue }) => (issue === undefined ? [] : [issue.split(';')[0]?.trim()])) ?? [];
      return nearest && issuers.length > 0 && !issuers.includes(ca) ? `${nearest.zone}. CAA 0 issue "${ca}"` : undefined;
    });
  } catch {
    return undefined;
  }
}
