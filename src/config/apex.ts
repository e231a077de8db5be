/**
 * Resolves to whether a domain is directly below a public suffix, by the ICANN part of the Public Suffix List (https://publicsuffix.org):
 * `foobar.com` and `foobar.co.uk` are, `shop.foobar.com` is not. The list is loaded only when this is called.
 */
export async function isApex(domain: string): Promise<boolean> {
  const { getDomain } = await import('tldts-icann');
  return getDomain(domain) === domain;
}

/** Resolves to a name without its `www.`, or undefined if it has none or if the rest is a public suffix (`www.co.uk`). */
export async function withoutWww(name: string): Promise<string | undefined> {
  const bare = /^www\.(.+\..+)$/.exec(name)?.[1];
  if (bare === undefined) return undefined;
  const { getDomain } = await import('tldts-icann');
  return getDomain(bare) === null ? undefined : bare;
}
