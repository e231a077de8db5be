import { identifierOf, type Site, template } from '../../../src/index.ts';

/** What FastCGI is told of the visitor where the connection is a proxy's; the last word of a parameter counts. */
export function fastcgiParameters(site: Site): string {
  return site.web.proxies.length > 0 ? template('runtimes/php/visitor.conf', { name: identifierOf(site.domain) }).trimEnd() : '';
}
