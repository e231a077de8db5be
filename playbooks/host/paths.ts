import { createHash } from 'node:crypto';
import { identifierOf, type Site } from '../../src/index.ts';

/** The name of the site's system user, and of its group. */
export function userOf({ domain }: Pick<Site, 'domain'>): string {
  return identifierOf(domain);
}

/** The secret that only this host's nginx serves, by which the host is known from outside whatever stands before it. */
export const hostToken = 'host.token';

/** Where a site's part of the host is. */
export function pathsOf(site: Site) {
  const home = `/srv/www/${site.domain}`;
  return {
    home,
    releases: `${home}/releases`,
    release: `${home}/releases/${releaseOf(site)}`,
    current: `${home}/current`,
    shared: `${home}/shared`,
    /** Files that prove that nginx serves this host; the application has no part in them. */
    proof: `${home}/proof`,
    /** A link to what of the live release is served, switched with it. */
    docroot: `${home}/docroot`,
    /** A link to what was served before that. */
    previous: `${home}/previous`,
    /** What answers for the application, a folder an instance. */
    instances: `/etc/foobar-provision/instances/${site.domain}`,
    sockets: `/run/foobar-provision/${site.domain}`,
    cache: `/var/lib/nginx/cache-${site.domain}`,
    /** How nginx serves its releases: a folder a version, and `now`, a link to the one that is live. */
    rules: `/etc/nginx/foobar-rules/${site.domain}`,
    /** Nginx directives of the owner's own. */
    own: `/etc/nginx/site.d/${site.domain}`,
  };
}

/** A release is named after its files, so the same files are the same release. */
export function releaseOf({ app }: Site): string {
  return app.source.digest.slice(0, 12);
}

/** The name of the secret that holds the application's database password. */
export function databaseSecret({ domain }: Site): string {
  return `${domain}.database`;
}

/** Where a site's certificates are: `self` made here, `ca` from the CA, and `now` a link to the one that nginx shows. */
export function tlsOf(site: Site) {
  const home = `/etc/foobar-provision/tls/${site.domain}`;
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
    ownKey: `/etc/foobar-provision/secrets/${ownSecret}`,
  };
}
