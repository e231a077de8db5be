import { type Site, template } from '../../src/index.ts';

/** Returns the snippet with the proxies that nginx trusts to name the visitor. */
export function proxiesFile(site: Site): string {
  const proxies = site.web.proxies.map((proxy) => `set_real_ip_from ${proxy};`).join('\n');
  return template('web/proxies.conf', { domain: site.domain, proxies });
}

/** Returns the nginx variables that tell how a visitor reached the first trusted proxy: `$NAME_scheme`. */
export function trusted(name: string, site: Site): string {
  return template('web/trusted.conf', { name, proxies: site.web.proxies.map((proxy) => `    ${proxy} trusted;`).join('\n') });
}
