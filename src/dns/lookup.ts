import { codeOf } from '../error-code.ts';
import { within } from '../within.ts';
import { type Asking, authorityOf, type Nameserver, usual } from './authority.ts';

/** What the nameservers said of one name. */
export interface Lookup {
  readonly name: string;
  readonly A: readonly string[];
  readonly AAAA: readonly string[];
  /** Why there may be more addresses than these: no nameserver was reached, or one answered with an error. */
  readonly gap?: 'unreachable' | 'failing';
}

/** Nameservers that take longer than this together are no use to a visitor either, in seconds; a run never waits longer for DNS. */
const seconds = 2;

/** Aliases of aliases that are followed. */
const mostAliases = 8;

/** Milliseconds for which an answer is taken as still true: a decision and the check that follows it ask once. */
const fresh = 5000;

const known = new Map<string, { readonly at: number; readonly lookup: Promise<Lookup> }>();

/** The name's A and AAAA records as its own nameservers have them now, aliases followed. It never rejects: what could not be told is a gap. */
export async function lookUpFresh(name: string): Promise<Lookup> {
  const before = known.get(name);
  if (before && performance.now() - before.at < fresh) return before.lookup;
  const lookup = lookUp(name);
  known.set(name, { at: performance.now(), lookup });
  return lookup;
}

/** The same, asked anew. */
export async function lookUp(name: string, asking: Asking = usual): Promise<Lookup> {
  try {
    return await within(seconds, () => follow(name, name, asking, 0));
  } catch {
    return { name, A: [], AAAA: [], gap: 'unreachable' };
  }
}

async function follow(name: string, asked: string, asking: Asking, depth: number): Promise<Lookup> {
  const server = await authorityOf(asked, asking);
  const told = await addresses(server, asked);
  // Networks that let nobody but their own nameserver ask the world are common; it then answers for the others.
  const answer = told.gap === undefined ? told : await addresses(asking(), asked);
  if (answer.A.length + answer.AAAA.length > 0 || answer.gap !== undefined || depth === mostAliases) return { name, ...answer };
  const [target] = await server.resolveCname(asked).catch(() => []);
  return target === undefined ? { name, ...answer } : follow(name, target, asking, depth + 1);
}

async function addresses(server: Nameserver, name: string): Promise<Omit<Lookup, 'name'>> {
  const [v4, v6] = await Promise.all([settle(() => server.resolve4(name)), settle(() => server.resolve6(name))]);
  const gap = v4.gap ?? v6.gap;
  return { A: v4.found, AAAA: v6.found, ...(gap && { gap }) };
}

async function settle(resolve: () => Promise<string[]>): Promise<{ readonly found: readonly string[]; readonly gap?: Lookup['gap'] }> {
  try {
    return { found: await resolve() };
  } catch (error) {
    switch (codeOf(error)) {
      // No such name, or no such record of it: that is an answer.
      case 'ENOTFOUND':
      case 'ENODATA':
        return { found: [] };
      case 'ESERVFAIL':
      case 'EREFUSED':
      case 'EFORMERR':
        return { found: [], gap: 'failing' };
      default:
        return { found: [], gap: 'unreachable' };
    }
  }
}
