import { createHash } from 'node:crypto';
import {
  certificatesFolder,
  identifierOf,
  instancesFolder,
  releaseName,
  rulesFolder,
  type Site,
  secretsFolder,
  sitePaths,
} from '../../src/index.ts';

/** The folder of the ports that programs of sites have claimed in the firewall, with a file for each unit. A boot empties it. */
export const claimsFolder = '/run/foobar-provision-ports';

/** Returns the name of the site's system user, and of its group. */
export function userOf({ domain }: Pick<Site, 'domain'>): string {
  return identifierOf(domain);
}

/** Returns the paths of a site on the host. */
export function pathsOf(site: Site) {
  const paths = sitePaths(site.domain);
  const { home, releases } = paths;
  return {
    ...paths,
    release: `${releases}/${releaseOf(site)}`,
    /** Files that prove that nginx serves this host, independently of the application. */
    proof: `${home}/proof`,
    /** Where the site's programs look for their user's settings. */
    settings: `${home}/.config`,
    /** The folder of the site's instances, with a folder for each. */
    instances: `${instancesFolder}/${site.domain}`,
    sockets: `/run/foobar-provision/${socketFolder(site)}`,
    cache: `/var/lib/nginx/cache-${site.domain}`,
    /** Nginx's rules for its releases: a folder for each version, and `now`, a link to the live one. */
    rules: `${rulesFolder}/${socketFolder(site)}`,
    /** Additional nginx directives of the host's owner. */
    own: `/etc/nginx/site.d/${site.domain}`,
  };
}

/** Returns the path of the served folder in a release at this path. */
export function below(release: string, { app: { source } }: Site): string {
  return source.docroot === '.' ? release : `${release}/${source.docroot}`;
}

/** The maximum length of a domain in a socket's path, which has at most 107 bytes (unix(7)). `rules_of` in files/run/prune.sh is the same. */
const roomForSockets = 58;

/** Returns the name of the folder of a site's sockets, and of the folder of rules through which nginx reaches them. */
function socketFolder({ domain }: Site): string {
  if (domain.length <= roomForSockets) return domain;
  const mark = createHash('sha256').update(domain).digest('hex').slice(0, 16);
  return `${domain.slice(0, roomForSockets - mark.length - 1)}-${mark}`;
}

/** Returns the name of a release, a hash of its files and of which of them are shared or writable. */
export function releaseOf({ app }: Site): string {
  return releaseName(app);
}

/** Returns the name of the secret with the application's database password. */
export function databaseSecret({ domain }: Site): string {
  return `${domain}.database`;
}

/**
 * Returns the paths of a site's certificates: `self` is generated here, `ca` comes from the CA, and `now` is a link to the one that nginx
 * uses.
 */
export function tlsOf(site: Site) {
  const home = `${certificatesFolder}/${site.domain}`;
  const { certificate } = site.https;
  // Both names contain the chain's hash, so both change at once, with the nginx file that names them.
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
