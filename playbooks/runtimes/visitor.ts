import { identifierOf, type Site } from '../../src/index.ts';

/** Returns the nginx variable with the visitor's scheme: `http` or `https`. */
export function schemeOf(site: Site): string {
  return site.web.proxies.length > 0 ? `$${identifierOf(site.domain)}_scheme` : '$scheme';
}
