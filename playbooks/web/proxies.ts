import { identifierOf, type Site, template } from '../../src/index.ts';

/** Where nginx reads whom it trusts to name the visitor. */
export function proxiesFile(site: Site): string {
  const proxies = site.web.proxies.map((proxy) => `set_real_ip_from ${proxy};`).join('\n');
  return template('web/proxies.conf', { domain: site.domain, proxies });
}

/** The variables by which nginx tells how a visitor came to the first trusted proxy: `$NAME_scheme`. */
export function trusted(name: string, site: Site): string {
  return template('web/trusted.conf', { name, proxies: site.web.proxies.map((proxy) => `    ${proxy} trusted;`).join('\n') });
}

/** The variable that holds how the visitor came: `http` or `https`. */
export function schemeOf(site: Site): string {
  return site.web.proxies.length > 0 ? `$${identifierOf(site.domain)}_scheme` : '$scheme';
}

/** What FastCGI is told of the visitor where the connection is a proxy's; the last word of a parameter counts. */
export function fastcgiParameters(site: Site): string {
  return site.web.proxies.length > 0 ? template('web/fastcgi.conf', { name: identifierOf(site.domain) }).trimEnd() : '';
}
