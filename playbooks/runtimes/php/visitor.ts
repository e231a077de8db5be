import { identifierOf, type Site, template } from '../../../src/index.ts';

/** Returns the FastCGI parameters about the visitor if the connection comes from a proxy. The last value of a parameter counts. */
export function fastcgiParameters(site: Site): string {
  return site.web.proxies.length > 0 ? template('runtimes/php/visitor.conf', { name: identifierOf(site.domain) }).trimEnd() : '';
}
