/** The host's folder for what was last applied (root, 0700). */
export const stateFolder = '/var/lib/foobar-provision';

/** Where what is recorded of a site's releases is, a folder a release. */
export function recordsOf(domain: string): string {
  return `${stateFolder}/releases/${domain}`;
}

/** Where the sites are. What is right below it is root's. */
export const sitesFolder = '/srv/www';

/** What is below a site's folder, whatever it runs. */
export function sitePaths(domain: string) {
  const home = `${sitesFolder}/${domain}`;
  return { home, releases: `${home}/releases`, current: `${home}/current`, shared: `${home}/shared` } as const;
}

/** The site and the name of a release, by its path. */
export function parseReleasePath(path: string): { readonly domain: string; readonly id: string } | undefined {
  const [domain = '', folder, id = '', ...more] = path.startsWith(`${sitesFolder}/`) ? path.slice(sitesFolder.length + 1).split('/') : [];
  return domain !== '' && folder === 'releases' && id !== '' && more.length === 0 ? { domain, id } : undefined;
}

/** Where the application's secrets are kept on the host (root, 0700). */
export const secretsFolder = '/etc/foobar-provision/secrets';

/** The secret that only this host's nginx serves, by which the host is known from outside whatever stands before it. */
export const hostToken = 'host.token';

/** Where certificates are kept (root, 0700), a folder for each domain. */
export const certificatesFolder = '/etc/foobar-provision/tls';

/** What answers for the applications, a folder a site and in it one an instance. */
export const instancesFolder = '/etc/foobar-provision/instances';

/** What nginx's configurations include. */
export const snippetsFolder = '/etc/nginx/snippets';

/**
 * What nginx includes for a site: its certificate and how it is shown, the promise to browsers that HTTPS stays, and the proxies in front
 * of it.
 */
export function nginxSnippet(domain: string, what: 'tls' | 'hsts' | 'proxies'): string {
  return `${snippetsFolder}/${domain}.${what}.conf`;
}
