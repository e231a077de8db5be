import { createHash } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { Problem } from '../error.ts';
import { isApex, withoutWww } from './apex.ts';

/** A host name as DNS has it: IDNs in their ASCII form, labels of RFC 1123, two of them at least. */
export function domainName(name: string): string {
  const bare = name.trim().replace(/\.$/, '');
  // What follows a slash or the like would be dropped without a word.
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

/** What a site is called. */
export interface SiteNames {
  /** Names the site's files, user and database: its domain without `www.`. */
  readonly domain: string;
  /** Every name that is served, the canonical one first. */
  readonly names: readonly string[];
}

/**
 * Resolves to the names of a site for which the user gave this domain. The given name is canonical, with or without `www.`, unless `www:
 * true` asks for the longer one. Where `www` is left out, a domain that somebody can register gets its `www.` name beside it.
 */
export async function namesOf(given: string, aliases: readonly string[], www?: boolean): Promise<SiteNames> {
  const bare = await withoutWww(given);
  const domain = bare ?? given;
  const longer = `www.${domain}`;
  const own = async () => {
    if (bare !== undefined || www === true) return [longer, domain];
    return (www ?? (await isApex(domain))) ? [domain, longer] : [domain];
  };
  return { domain, names: [...new Set([...(await own()), ...aliases.map(domainName)])] };
}

/**
 * A domain as a word, unlike that of any other domain: `foobar_com` of `foobar.com`, `a__b_com` of `a-b.com`. At most 32 characters, which
 * is what useradd(8) and MySQL's `CREATE USER` take; a longer one ends in a part of its SHA-256.
 */
export function identifierOf(domain: string): string {
  const word = domain
    .replaceAll('-', '__')
    .replaceAll('.', '_')
    .replace(/^(?=[0-9])/, '_');
  return word.length <= 32 ? word : `${word.slice(0, 23)}_${createHash('sha256').update(domain).digest('hex').slice(0, 8)}`;
}
