/**
 * Resolves to whether a domain is right below a public suffix, by the ICANN part of the Public Suffix List (https://publicsuffix.org): `foobar.com`,
 * `foobar.co.uk`, not `shop.foobar.com`. The list is loaded for that alone.
 */
export async function isApex(domain: string): Promise<boolean> {
  const { getDomain } = await import('tldts-icann');
  return getDomain(domain) === domain;
}

/** Resolves to a name without its `www.`; undefined where it has none, or where what is left is a public suffix (`www.co.uk`). */
export async function withoutWww(name: string): Promise<string | undefined> {
  const bare = /^www\.(.+\..+)$/.exec(name)?.[1];
  if (bare === undefined) return undefined;
  const { getDomain } = await import('tldts-icann');
  return getDomain(bare) === null ? undefined : bare;
}
