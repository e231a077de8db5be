import { X509Certificate } from 'node:crypto';
import type { Site } from '../config/config.ts';
import { withCanonical } from './canonical.ts';

/** Where an application redirects a visitor who requests one of its names over HTTPS. */
export type Destination =
  /** The visitor ends at this name over HTTPS. `isOwn` is true if the application has redirected to it. */
  | { readonly kind: 'secure'; readonly name: string; readonly isOwn: boolean }
  /** It redirects to HTTP. */
  | { readonly kind: 'plain'; readonly name: string }
  /** It redirects in a loop. */
  | { readonly kind: 'circle' }
  /** It did not answer. */
  | { readonly kind: 'unknown' };

/** Parses the output of `ask names`. Returns undefined if no release is live. */
export function parseDestination(text: string): Destination | undefined {
  const [start = '', end = '', name = ''] = text.split(' ');
  switch (end) {
    case 'https':
      return { kind: 'secure', name, isOwn: name !== start };
    case 'http':
      return { kind: 'plain', name };
    case 'circle':
      return { kind: 'circle' };
    default:
      return start === '' ? undefined : { kind: 'unknown' };
  }
}

/** What is known about a site's names, apart from the application's redirects. */
export interface Known {
  readonly pointingNames?: readonly string[] | undefined;
  /** The canonical name in the host's record, and whether HTTP stays open. Missing if the site has no HTTPS in the record. */
  readonly former?: { readonly canonical: string; readonly isOpen: boolean } | undefined;
}

/**
 * Returns the site with redirects that do not conflict with those of its application, and notes for the user. The rule: nginx redirects
 * only to an address that the application serves without another redirect, and never from that address. So nginx is never part of a loop.
 */
export function followApplication(
  site: Site,
  destination: Destination | undefined,
  { pointingNames, former }: Known,
): { readonly site: Site; readonly notes: readonly string[] } {
  const [canonical = site.domain] = site.names;
  const open: Site = { ...site, https: { ...site.https, redirects: false, proven: false } };
  switch (destination?.kind) {
    case undefined:
      return { site, notes: [] };
    case 'unknown':
      // Its last known behavior is the best guess.
      if (!former || !site.names.includes(former.canonical)) return { site, notes: [] };
      return { site: withCanonical(former.isOpen ? open : site, former.canonical), notes: [] };
    case 'plain':
      return {
        site: open,
        notes: [
          `The application redirects HTTPS to http://${destination.name}, so HTTP stays open, and no name redirects to another. Set its own address to https://${canonical}, then re-run.`,
        ],
      };
    case 'circle':
      return {
        site: open,
        notes: [
          `The application redirects its names to each other in a loop, so HTTP stays open, and no name redirects to another. Set its own address to https://${canonical}, then re-run.`,
        ],
      };
    case 'secure': {
      const { name, isOwn } = destination;
      if (!isOwn || name === canonical || !site.names.includes(name)) return { site, notes: [] };
      const redirect = `The application redirects ${canonical} to ${name}`;
      const advice = `To make ${canonical} canonical, set the application's own address to https://${canonical}.`;
      if (pointingNames && !pointingNames.includes(name))
        return { site: open, notes: [`${redirect}, which does not point to this host, so no name redirects to another. ${advice}`] };
      if (!isCertified(site, name))
        return { site: open, notes: [`${redirect}, which the certificate is not for, so no name redirects to another. ${advice}`] };
      return { site: withCanonical(site, name), notes: [`${redirect}, so ${name} is canonical. ${advice}`] };
    }
  }
}

/** Returns whether HTTPS is possible for a name: the user's own certificate must be for that name. */
function isCertified({ https: { certificate } }: Site, name: string): boolean {
  return certificate.kind !== 'own' || new X509Certificate(certificate.chain).checkHost(name) !== undefined;
}
