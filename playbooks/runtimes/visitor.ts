import { identifierOf, type Site } from '../../src/index.ts';

/** The variable of nginx that says how the visitor came: `http` or `https`. */
export function schemeOf(site: Site): string {
  return site.web.proxies.length > 0 ? `$${identifierOf(site.domain)}_scheme` : '$scheme';
}
