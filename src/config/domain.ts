import { createHash } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { Problem } from '../error.ts';
import { isApex, withoutWww } from './apex.ts';

/**
 * Returns a host name as it appears in DNS: IDNs in their ASCII form, with at least two labels (RFC 1123). Throws a Problem if it is not
 * one.
 */
export function domainName(name: string): string {
  const bare = name.trim().replace(/\.$/, '');
  // `domainToASCII` silently drops what follows a slash and some other characters.
  const ascii = /[\s/?#\\%@:]/.test(bare) ? '' : domainToASCII(bare).toLowerCase();
  const labels = ascii.split('.');
  const good =
    ascii.length <= 253 &&
    labels.length >= 2 &&
    labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '');
  if (good) return ascii;
  const pasted = /^(?:[a-z]+:\/\/)?(?:[^/@]*@)?([^/:?#@\s]+\.[^/:?#@\s]+)(?:[/:?#].*)?$/i.exec(bare)?.[1];
  throw new Problem({
    message: `"${name}" is not a domain name.`,
    hint: `Give a name such as foobar.com${pasted && pasted !== bare ? `; from that address it would be ${pasted}` : ''}.`,
  });
}

/** The names of a site. */
export interface SiteNames {
  /** The site's files, user and database are named after it: its domain without `www.`. */
  readonly domain: string;
  /** Every name that is served, the canonical one first. */
  readonly names: readonly string[];
}

/**
 * Resolves to the names of a site for which the user gave this domain. The given name is canonical, with or without `www.`, unless `www:
 * true` asks for the longer one. If `www` is not set, a domain directly below a public suffix also gets its `www.` name.
 */
export async function namesOf(stated: string, aliases: readonly string[], www?: boolean): Promise<SiteNames> {
  const bare = await withoutWww(stated);
  const domain = bare ?? stated;
  const longer = `www.${domain}`;
  const domainNames = async () => {
    if (bare !== undefined || www === true) return [longer, domain];
    return (www ?? (await isApex(domain))) ? [domain, longer] : [domain];
  };
  return { domain, names: [...new Set([...(await domainNames()), ...aliases.map(domainName)])] };
}

/**
 * Returns an identifier for a domain that no other domain has: `foobar_com` for `foobar.com`, `a__b_com` for `a-b.com`. It has at most 32
 * characters, the limit of useradd(8) and of MySQL's `CREATE USER`; a longer one is shortened and ends in a part of its SHA-256.
 */
export function identifierOf(domain: string): string {
  const word = domain
    .replaceAll('-', '__')
    .replaceAll('.', '_')
    .replace(/^(?=[0-9])/, '_');
  return word.length <= 32 ? word : `${word.slice(0, 23)}_${createHash('sha256').update(domain).digest('hex').slice(0, 8)}`;
}
