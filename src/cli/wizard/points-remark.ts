import { namesOf } from '../../config/domain.ts';
import { type Lookup, lookUpCached } from '../../dns/lookup.ts';
import { among } from '../../health/addresses.ts';

/**
 * Resolves to a sentence about the names of a domain that do not point to the host at `address`. Resolves to undefined if all do, or if
 * a DNS lookup fails.
 */
export async function pointsRemark(
  domain: string,
  address: string,
  lookUp: (name: string) => Promise<Lookup> = lookUpCached,
): Promise<string | undefined> {
  const { names } = await namesOf(domain, []);
  const found = await Promise.all(names.map(lookUp));
  if (found.some(({ gap }) => gap !== undefined)) return undefined;
  const isHost = among([address]);
  const elsewhere = found.filter(({ A, AAAA }) => [...A, ...AAAA].some((each) => !isHost(each)));
  const missing = found.filter(({ A, AAAA }) => A.length + AAAA.length === 0);
  if (elsewhere.length + missing.length === 0) return undefined;
  const parts = [
    ...elsewhere.map(({ name, A, AAAA }) => `${name} points to ${[...A, ...AAAA].join(' and ')}`),
    ...missing.map(({ name }) => `${name} has no address in DNS`),
  ];
  return `${parts.join('; ')}. The host is ${address}. You can go on: HTTPS begins when the names point to it.`;
}
