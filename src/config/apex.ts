/**
 * Resolves to whether a domain is right below a public suffix, by the ICANN part of the Public Suffix List (https://publicsuffix.org): `foobar.com`,
 * `foobar.co.uk`, not `shop.foobar.com`. The list is loaded for that alone.
 */
export async function isApex(domain: string): Promise<boolean> {
  const { getDomain } = await import('tldts-icann');
  return getDomain(domain) === domain;
}
