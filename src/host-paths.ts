/** Where the host keeps what we last applied; root's alone, mode 0700. */
export const stateFolder = '/var/lib/foobar-provision';

/** Where the sites are. What is right below it is root's. */
export const sitesFolder = '/srv/www';

/** Where a site and its releases are. */
export function siteFolder(domain: string): string {
  return `${sitesFolder}/${domain}`;
}

/** Where the application's secrets are kept on the host (root, 0700). */
export const secretsFolder = '/etc/foobar-provision/secrets';
