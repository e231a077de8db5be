import { X509Certificate } from 'node:crypto';
import type { Site } from '../config/config.ts';
import { withCanonical } from './canonical.ts';

/** Where an application sends a visitor who comes over HTTPS to one of its names, as far as it redirects among its names. */
export type Destination =
  /** He stays with this name; `isOwn` where the application itself has led him there. */
  | { readonly kind: 'secure'; readonly name: string; readonly isOwn: boolean }
  /** It leads away from HTTPS. */
  | { readonly kind: 'plain'; readonly name: string }
  /** It redirects in a circle by itself. */
  | { readonly kind: 'circle' }
  /** It could not be asked. */
  | { readonly kind: 'unknown' };

/** Understands what `ask names` printed; undefined where no release is live. */
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

/** What is known of a site's names besides where its application leads. */
export interface Known {
  readonly resolvingNames?: readonly string[] | undefined;
  /** The canonical name on the host's record, and whether HTTP stays open there; left out where the site has no HTTPS there. */
  readonly former?: { readonly canonical: string; readonly isOpen: boolean } | undefined;
}

/**
 * Returns the site with the redirects that cannot meet those of its application, and what the user should know of that. The rule: nginx
 * only redirects to an address that the application serves without another redirect, and from that address it never redirects. So no circle
 * contains a redirect of nginx.
 */
export function followApplication(
  site: Site,
  destination: Destination | undefined,
  { resolvingNames, former }: Known,
): { readonly site: Site; readonly notes: readonly string[] } {
  const [canonical = site.domain] = site.names;
  const open: Site = { ...site, https: { ...site.https, redirects: false, proven: false } };
  switch (destination?.kind) {
    case undefined:
      return { site, notes: [] };
    case 'unknown':
      // What it did when it could be asked is the best guess.
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
          `The application redirects its names to each other in a circle, so HTTP stays open, and no name redirects to another. Set its own address to https://${canonical}, then re-run.`,
        ],
      };
    case 'secure': {
      const { name, isOwn } = destination;
      if (!isOwn || name === canonical || !site.names.includes(name)) return { site, notes: [] };
      const redirect = `The application redirects ${canonical} to ${name}`;
      const advice = `To make ${canonical} canonical, set the application's own address to https://${canonical}.`;
      if (resolvingNames && !resolvingNames.includes(name))
        return { site: open, notes: [`${redirect}, which does not point to this host, so no name redirects to another. ${advice}`] };
      if (!isCertified(site, name))
        return { site: open, notes: [`${redirect}, which the certificate is not for, so no name redirects to another. ${advice}`] };
      return { site: withCanonical(site, name), notes: [`${redirect}, so ${name} is canonical. ${advice}`] };
    }
  }
}

/** Returns whether HTTPS can be had for a name: by an own certificate only where it is for that name. */
function isCertified({ https: { certificate } }: Site, name: string): boolean {
  return certificate.kind !== 'own' || new X509Certificate(certificate.chain).checkHost(name) !== undefined;
}
