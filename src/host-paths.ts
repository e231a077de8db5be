/** The host's folder for its records of runs and of what they have applied (root, 0700). */
export const stateFolder = '/var/lib/foobar-provision';

/** Returns the folder of the records of a site's releases, with a folder for each. */
export function recordsOf(domain: string): string {
  return `${stateFolder}/releases/${domain}`;
}

/** The folder of the sites. Everything directly below it belongs to root. */
export const sitesFolder = '/srv/www';

/** Returns the paths below a site's folder that every site has. */
export function sitePaths(domain: string) {
  const home = `${sitesFolder}/${domain}`;
  return { home, releases: `${home}/releases`, current: `${home}/current`, shared: `${home}/shared` } as const;
}

/** Returns the site and the name of a release, from its path. */
export function parseReleasePath(path: string): { readonly domain: string; readonly id: string } | undefined {
  const [domain = '', folder, id = '', ...more] = path.startsWith(`${sitesFolder}/`) ? path.slice(sitesFolder.length + 1).split('/') : [];
  return domain !== '' && folder === 'releases' && id !== '' && more.length === 0 ? { domain, id } : undefined;
}

/** The folder of the secrets on the host (root, 0700). */
export const secretsFolder = '/etc/foobar-provision/secrets';

/** Returns the name of the secret with the value of a site's variable. */
export function environmentSecret({ domain }: { readonly domain: string }, name: string): string {
  return `${domain}.env.${name}`;
}

/** Returns the name of the secret with the password of the site's relay. */
export function mailSecret({ domain }: { readonly domain: string }): string {
  return `${domain}.mail`;
}

/** The secret that only this host's nginx serves. It identifies the host from outside, even behind a proxy. */
export const hostToken = 'host.token';

/** The folder of the certificates (root, 0700), with a folder for each domain. */
export const certificatesFolder = '/etc/foobar-provision/tls';

/** The folder of the instances that answer for applications: a folder for each site, with one for each instance. */
export const instancesFolder = '/etc/foobar-provision/instances';

/** Returns the folder of a site's variables that are stored on the host; see files/env/env.sh. It is removed with the site's instances. */
export function storedFolder(domain: string): string {
  return `${instancesFolder}/${domain}/.stored`;
}

/** Returns the environment file of one version of them. */
export function storedVersion(domain: string, version: string): string {
  return `${storedFolder(domain)}/versions/${version}`;
}

/** The folder of nginx's rules for releases: a folder for each site, with one for each version of its rules. */
export const rulesFolder = '/etc/nginx/foobar-rules';

/** The folder of the files that nginx's configurations include. */
export const snippetsFolder = '/etc/nginx/snippets';

/** Returns a file that nginx includes for a site: its certificate and TLS settings, HSTS, or the proxies in front of it. */
export function nginxSnippet(domain: string, what: 'tls' | 'hsts' | 'proxies'): string {
  return `${snippetsFolder}/${domain}.${what}.conf`;
}

/** Returns the path of nginx's rule that answers 503 for the site while it is in maintenance. `maintenance/maintenance.sh` writes it. */
export function maintenanceRule(domain: string): string {
  return `/etc/nginx/site.d/${domain}/00-foobar-maintenance.conf`;
}
