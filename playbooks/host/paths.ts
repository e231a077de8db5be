import { createHash } from 'node:crypto';
import { certificatesFolder, identifierOf, instancesFolder, releaseName, type Site, secretsFolder, sitePaths } from '../../src/index.ts';

/** The name of the site's system user, and of its group. */
export function userOf({ domain }: Pick<Site, 'domain'>): string {
  return identifierOf(domain);
}

/** Where a site's part of the host is. */
export function pathsOf(site: Site) {
  const paths = sitePaths(site.domain);
  const { home, releases } = paths;
  return {
    ...paths,
    release: `${releases}/${releaseOf(site)}`,
    /** Files that prove that nginx serves this host; the application has no part in them. */
    proof: `${home}/proof`,
    /** Where the site's programs look for their user's settings. */
    settings: `${home}/.config`,
    /** A link to what of the live release is served, switched with it. */
    docroot: `${home}/docroot`,
    /** A link to what was served before that. */
    previous: `${home}/previous`,
    /** What answers for the application, a folder an instance. */
    instances: `${instancesFolder}/${site.domain}`,
    sockets: `/run/foobar-provision/${socketFolder(site)}`,
    cache: `/var/lib/nginx/cache-${site.domain}`,
    /** How nginx serves its releases: a folder a version, and `now`, a link to the one that is live. */
    rules: `/etc/nginx/foobar-rules/${site.domain}`,
    /** Nginx directives of the owner's own. */
    own: `/etc/nginx/site.d/${site.domain}`,
  };
}

/** Characters of a domain that leave room for a release's socket beside it: a path has 107 bytes (unix(7)). */
const roomForSockets = 58;

/** The name of the folder of a site's sockets. */
function socketFolder({ domain }: Site): string {
  if (domain.length <= roomForSockets) return domain;
  const mark = createHash('sha256').update(domain).digest('hex').slice(0, 16);
  return `${domain.slice(0, roomForSockets - mark.length - 1)}-${mark}`;
}

/** A release is named after what it is made of: its files, and what of them is shared or may be written. */
export function releaseOf({ app }: Site): string {
  return releaseName(app);
}

/** The name of the secret that holds the application's database password. */
export function databaseSecret({ domain }: Site): string {
  return `${domain}.database`;
}

/** Where a site's certificates are: `self` made here, `ca` from the CA, and `now` a link to the one that nginx shows. */
export function tlsOf(site: Site) {
  const home = `${certificatesFolder}/${site.domain}`;
  const { certificate } = site.https;
  // A chain and its key are named after the chain, so both change at once, with nginx's file that names them.
  const mark = certificate.kind === 'own' ? createHash('sha256').update(certificate.chain).digest('hex').slice(0, 12) : '';
  const ownSecret = `${site.domain}.key-${mark}`;
  return {
    home,
    self: `${home}/self`,
    ca: `${home}/ca`,
    now: `${home}/now`,
    request: `${home}/request`,
    authorities: `${home}/authorities.pem`,
    ownChain: `${home}/own-${mark}.pem`,
    ownSecret,
    ownKey: `${secretsFolder}/${ownSecret}`,
  };
}
