import { createHash } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { Problem } from '../error.ts';
import { isApex } from './apex.ts';

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
    hint: `Give a name such as foobar.com${pasted && pasted !== bare ? `; from that address it would be ${pasted}` : ''}. Nothing was changed.`,
  });
}

/** Resolves to the names of a site, its canonical one first: `www.foobar.com`, `foobar.com`, then the aliases. Left out, `www` follows from the domain. */
export async function namesOf(domain: string, aliases: readonly string[], www?: boolean): Promise<readonly string[]> {
  return [...new Set([...((www ?? (await isApex(domain))) ? [`www.${domain}`] : []), domain, ...aliases.map(domainName)])];
}

/**
 * A domain as a word, unlike that of any other domain: `foobar_com` of `foobar.com`, `a__b_com` of `a-b.com`. At most 32 characters, which is
 * what useradd(8) and MySQL's `CREATE USER` take; a longer one ends in a part of its SHA-256.
 */
export function identifierOf(domain: string): string {
  const word = domain
    .replaceAll('-', '__')
    .replaceAll('.', '_')
    .replace(/^(?=[0-9])/, '_');
  return word.length <= 32 ? word : `${word.slice(0, 23)}_${createHash('sha256').update(domain).digest('hex').slice(0, 8)}`;
}
