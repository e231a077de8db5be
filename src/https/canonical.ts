import type { About } from '../config/about.ts';
import type { Site } from '../config/config.ts';

/** What determines the canonical name of a site, apart from the configuration. */
export interface Evidence {
  /** The names that point to the host; undefined if DNS did not answer. */
  readonly pointingNames?: readonly string[] | undefined;
  /** The canonical name in the host's record, if the site has HTTPS there. */
  readonly former?: string | undefined;
}

/**
 * Returns the canonical name for now: the one that the user gave, if it points to the host. Until it does, the one that has HTTPS on the
 * host keeps it, or the twin with or without `www.` gets it.
 */
export function canonicalFor(site: Pick<Site, 'domain' | 'names'>, { pointingNames, former }: Evidence): string {
  const [chosen = site.domain] = site.names;
  if (pointingNames?.includes(chosen)) return chosen;
  const twins = twinsOf(site);
  if (former !== undefined && twins.includes(former)) return former;
  return twins.find((name) => pointingNames?.includes(name)) ?? chosen;
}

/** Returns the names that the site has by its domain, with and without `www.`, the canonical one first. */
export function twinsOf({ domain, names }: Pick<Site, 'domain' | 'names'>): readonly string[] {
  return names.filter((name) => name === domain || name === `www.${domain}`);
}

/** Returns the site with another of its names as the canonical one. */
export function withCanonical(site: Site, canonical: string): Site {
  return site.names[0] === canonical ? site : { ...site, names: [canonical, ...site.names.filter((name) => name !== canonical)] };
}

/** Returns the site's canonical name in the host's record, or undefined if the record does not contain the site. */
export function formerCanonical({ domain, names }: Pick<Site, 'domain' | 'names'>, before?: About): string | undefined {
  return before?.domains.includes(domain) ? before.names.find((name) => names.includes(name)) : undefined;
}
