import { Problem } from '../error.ts';
import { sitePaths } from '../host-paths.ts';
import { processesOf, runtimeNames } from '../runtimes/index.ts';
import type { Config, Site } from './config.ts';
import { identifierOf } from './domain.ts';

/** What a configuration states about the host that it shares with others. The host stores it with the configuration's manifest. */
export interface About {
  readonly name: string;
  /** Whether its settings count for what a host has only once, because it was the first configuration here. */
  readonly decides: boolean;
  /** Undefined if the host's own stays; the locale likewise. */
  readonly timezone?: string | undefined;
  readonly locale?: string | undefined;
  /** MiB; undefined if it follows from the host's memory. */
  readonly swap?: number | undefined;
  readonly demand: Demand;
  /** The demand of all configurations when this one was last applied; its share of the memory was computed from it. */
  readonly shared: Demand;
  readonly domains: readonly string[];
  /** All names of its sites. */
  readonly names: readonly string[];
  /** Its sites with HTTPS. */
  readonly secure: readonly string[];
  /**
   * Those of the `secure` sites whose HTTP does not redirect to HTTPS. Undefined if there are none, and in the records of older versions.
   */
  readonly open?: readonly string[] | undefined;
  /** The most permissive TLS guideline of the `secure` sites. */
  readonly guideline?: 'intermediate' | 'modern' | undefined;
}

/** Returns what a configuration states, or has to adopt from the configuration that was there first. */
export function aboutOf({ name, sites, ...own }: Config, others: readonly About[] = []): About {
  const first = others.find(({ decides }) => decides);
  const { timezone, locale, swap } = first ?? own;
  const secure = sites.filter(isSecure);
  const open = secure.filter(({ https }) => !https.redirects).map(({ domain }) => domain);
  return {
    name,
    decides: first === undefined,
    ...(timezone !== undefined && { timezone }),
    ...(locale !== undefined && { locale }),
    ...(swap !== undefined && { swap }),
    demand: demandOf(sites),
    shared: others.reduce((sum, { demand }) => sumOf(sum, demand), demandOf(sites)),
    domains: sites.map(({ domain }) => domain),
    names: sites.flatMap(({ names }) => names),
    secure: secure.map(({ domain }) => domain),
    ...(open.length > 0 && { open }),
    ...(secure.length > 0 && { guideline: widestOf(secure.map(({ https }) => https.guideline)) }),
  };
}

/** What shares a host: the number of sites of each runtime with processes, by the runtime's name, and the number of queue workers. */
export interface Demand {
  /** Queue workers of all sites. */
  readonly queues: number;
  readonly [runtime: string]: number;
}

/** Returns the demand of these sites. */
export function demandOf(sites: readonly Site[]): Demand {
  const counts = runtimeNames
    .filter((name) => processesOf(name, { share: 1, processors: 1 }) > 0)
    .map((name) => [name, sites.filter(({ runtime }) => runtime.kind === name).length]);
  const queues = sites.flatMap(({ workers }) => Object.values(workers)).reduce((sum, { count }) => sum + count, 0);
  return { ...Object.fromEntries(counts), queues };
}

function sumOf(one: Demand, other: Demand): Demand {
  const names = Object.keys({ ...one, ...other });
  return { ...Object.fromEntries(names.map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)])), queues: one.queues + other.queues };
}

/** Returns whether two demands are equal. A runtime that a record does not name has no sites: the record may be older than the runtime. */
export function isSameDemand(one: Demand, other: Demand): boolean {
  return Object.keys({ ...one, ...other }).every((name) => (one[name] ?? 0) === (other[name] ?? 0));
}

/** Returns the guideline that supports every client that any of these guidelines supports. */
export function widestOf(guidelines: readonly Site['https']['guideline'][]): Site['https']['guideline'] {
  return guidelines.every((guideline) => guideline === 'modern') ? 'modern' : 'intermediate';
}

export function isSecure({ https }: Site): boolean {
  return https.certificate.kind !== 'none' && https.certificate.kind !== 'auto';
}

/** Returns a warning for each site that may have been renamed, which is assumed when some domains are gone and others are new. */
export function renamed({ sites }: Config, before?: About): readonly string[] {
  const domains = sites.map(({ domain }) => domain);
  const gone = before?.domains.filter((domain) => !domains.includes(domain)) ?? [];
  const come = domains.filter((domain) => !before?.domains.includes(domain));
  if (gone.length === 0 || come.length === 0) return [];
  return gone.map(
    (domain) =>
      `${domain} is removed, and ${come.join(' and ')} ${come.length === 1 ? 'is' : 'are'} new. A site with another domain is another site: it starts without uploads and with an empty database. To keep the database of ${domain}, set there: database: { name: '${identifierOf(domain)}', user: '${identifierOf(domain)}' }. The uploads are in ${sitePaths(domain).shared}.`,
  );
}

/**
 * Throws a Problem if two configurations of a host claim the same name, or state different values for something that a host has only once.
 * Each run would undo the other.
 */
export function requireAgreement(config: Config, others: readonly About[] = []): void {
  for (const other of others) {
    const shared = config.sites.flatMap(({ names }) => names).filter((name) => other.names.includes(name));
    if (shared.length > 0)
      throw new Problem({
        message: `${shared.join(', ')} ${shared.length === 1 ? 'is' : 'are'} served on this host by another configuration, ${other.name}.`,
        hint: 'Nginx would send visitors to only one of the two. Remove the name from one of them.',
      });
  }
  const first = others.find(({ decides }) => decides);
  if (!first) return;
  for (const what of ['timezone', 'locale', 'swap'] as const) {
    const stated = config[what];
    if (stated !== undefined && stated !== first[what])
      throw new Problem({
        message: `This configuration sets ${what}: ${JSON.stringify(stated)}, but ${first.name}, which was on this host first, ${first[what] === undefined ? (what === 'swap' ? "sizes it by the host's memory" : "leaves it as the host's owner has it") : `has ${JSON.stringify(first[what])}`}.`,
        hint: `A host has only one. Leave ${what} out here, or change it in ${first.name}.`,
      });
  }
}

/** Returns a sentence for each site with HTTPS whose canonical name has changed. */
export function canonicalChanges({ sites }: Config, before?: About): readonly string[] {
  return sites
    .filter(({ domain }) => before?.secure.includes(domain))
    .flatMap(({ domain, names }) => {
      const [canonical = domain] = names;
      const former = before?.names.find((name) => names.includes(name));
      if (former === undefined || former === canonical) return [];
      const isTwin = former === `www.${domain}` || former === domain;
      return [
        `${canonical} becomes the canonical name of its site, and ${former}, which was, redirects to it.${isTwin ? ` To keep ${former}, set domain: '${former}'.` : ''}`,
      ];
    });
}
