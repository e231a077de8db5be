import { codeOf } from '../error-code.ts';
import { within } from '../within.ts';
import { authorityOf, type Nameserver, type NameserverFactory, systemNameservers } from './authority.ts';

/** The nameservers' answer for one name. */
export interface Lookup {
  readonly name: string;
  readonly A: readonly string[];
  readonly AAAA: readonly string[];
  /** Why addresses may be missing: no nameserver was reachable, or one answered with an error. */
  readonly gap?: 'unreachable' | 'failing';
}

/** A run never waits longer for DNS, because nameservers that take longer together are of no use to a visitor either. */
const timeoutSeconds = 2;

/** The longest chain of aliases that is followed. */
const maxAliases = 8;

/** An answer is reused for this time, so that a decision and the check that follows it look up a name once. */
const reuseMs = 5000;

const cache = new Map<string, { readonly at: number; readonly lookup: Promise<Lookup> }>();

/**
 * Returns the name's A and AAAA records from its authoritative nameservers, following aliases. Never rejects: a failed query is a `gap`.
 * Reuses a recent answer.
 */
export async function lookUpCached(name: string): Promise<Lookup> {
  const recent = cache.get(name);
  if (recent && performance.now() - recent.at < reuseMs) return recent.lookup;
  const lookup = lookUp(name);
  cache.set(name, { at: performance.now(), lookup });
  return lookup;
}

/** Does the same without reusing an answer. */
export async function lookUp(name: string, nameserver: NameserverFactory = systemNameservers): Promise<Lookup> {
  try {
    return await within(timeoutSeconds, () => follow(name, name, nameserver, 0));
  } catch {
    return { name, A: [], AAAA: [], gap: 'unreachable' };
  }
}

async function follow(name: string, alias: string, nameserver: NameserverFactory, depth: number): Promise<Lookup> {
  const server = await authorityOf(alias, nameserver);
  const authoritative = await addresses(server, alias);
  // Many networks block DNS queries to all but their own nameserver; then ask that one.
  const answer = authoritative.gap === undefined ? authoritative : await addresses(nameserver(), alias);
  if (answer.A.length + answer.AAAA.length > 0 || answer.gap !== undefined || depth === maxAliases) return { name, ...answer };
  const [target] = await server.resolveCname(alias).catch(() => []);
  return target === undefined ? { name, ...answer } : follow(name, target, nameserver, depth + 1);
}

async function addresses(server: Nameserver, name: string): Promise<Omit<Lookup, 'name'>> {
  const [v4, v6] = await Promise.all([outcomeOf(() => server.resolve4(name)), outcomeOf(() => server.resolve6(name))]);
  const gap = v4.gap ?? v6.gap;
  return { A: v4.records, AAAA: v6.records, ...(gap && { gap }) };
}

async function outcomeOf(resolve: () => Promise<string[]>): Promise<{ readonly records: readonly string[]; readonly gap?: Lookup['gap'] }> {
  try {
    return { records: await resolve() };
  } catch (error) {
    switch (codeOf(error)) {
      // The name or the record does not exist, which is a valid answer.
      case 'ENOTFOUND':
      case 'ENODATA':
        return { records: [] };
      case 'ESERVFAIL':
      case 'EREFUSED':
      case 'EFORMERR':
        return { records: [], gap: 'failing' };
      default:
        return { records: [], gap: 'unreachable' };
    }
  }
}
