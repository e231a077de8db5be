import { within } from '../within.ts';
import { type Asking, authorityOf, suffixes, usual } from './authority.ts';

/** Seconds; a CA asks for itself, so ours is an early word and no more. */
const seconds = 2;

/**
 * The record that is missing where the name's zone lets other CAs alone give out certificates for it (RFC 8659); undefined where it lets this one, or says nothing.
 * `ca` is how the CA calls itself there: `letsencrypt.org`.
 */
export async function forbidding(name: string, ca: string, asking: Asking = usual): Promise<string | undefined> {
  try {
    return await within(seconds, async () => {
      const server = await authorityOf(name, asking);
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
