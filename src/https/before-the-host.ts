import { cloudflare } from '../config/cloudflare.ts';
import type { Site } from '../config/config.ts';
import { isAmongProxies } from '../config/proxies.ts';
import type { Lookup } from '../dns/lookup.ts';
import { remembers } from '../engine/manifest.ts';
import type { Survey } from '../engine/survey.ts';
import { nginxSnippet } from '../host-paths.ts';
import { type Here, tlsEndsAt } from './points-here.ts';

/**
 * Resolves to the reason why HTTP must stay open: TLS ends at an unknown proxy that connects to the host over HTTP, so that a redirect to
 * HTTPS would loop. Resolves to undefined if there is no such proxy, or if the configuration names proxies that the host does not know yet.
 */
export async function tlsEndsBefore(
  site: Site,
  lookups: readonly Lookup[],
  here: Here,
  { remembered }: Survey,
): Promise<string | undefined> {
  const isTrustNew = site.web.proxies.length > 0 && !remembers(remembered, { kind: 'file', id: nginxSnippet(site.domain, 'proxies') });
  if (isTrustNew) return undefined;
  const found = await Promise.all(lookups.map(async (lookup) => ({ name: lookup.name, address: await tlsEndsAt(lookup, here) })));
  const [proxied] = found.flatMap(({ name, address }) => (address === undefined ? [] : [{ name, address }]));
  if (!proxied) return undefined;
  const explanation = `TLS for ${proxied.name} ends at a proxy (${proxied.address}) that asks this host over HTTP. A redirect to HTTPS would loop, so HTTP stays open.`;
  if (site.web.proxies.length > 0)
    return `${explanation} The proxy is not recognized: add the address that it asks from to web.proxies, and have it send X-Forwarded-Proto.`;
  const proxy = isAmongProxies(proxied.address, cloudflare.addresses) ? 'cloudflare' : 'the address that it asks from';
  return `${explanation} Name the proxy, so that the host knows who came over HTTPS: web: { proxies: ['${proxy}'] }.`;
}
