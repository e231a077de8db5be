import type { Route } from '../routing/routing.ts';
import { defineFramework, hasAll } from './framework.ts';

/** Files that plug-ins keep in or next to the uploads and protect with .htaccess files that they write on the host. */
const kept = ['uploads/woocommerce_uploads/', 'uploads/wc-logs/', 'uploads/backup*', 'updraft/', 'ai1wm-backups/', 'debug.log'];

/** WordPress as it is downloaded. Only its uploads are user data. */
export const wordpress = defineFramework({
  name: 'WordPress',
  recognize: (files) =>
    hasAll(files, 'wp-load.php', 'wp-settings.php')
      ? {
          routes: isFolderNetwork(files.text('wp-config.php')) ? folders : [],
          shared: ['wp-content/uploads'],
          files: { 'wp-config.php': 'application/wordpress/wp-config.php' },
          denied: kept.map((path) => `/wp-content/${path}`),
          neverSent: ['/wp-content/debug.log', '/wp-content/cache/', '/wp-content/upgrade/'],
        }
      : undefined,
});

/** https://roots.io/bedrock/: WordPress installed by Composer, which may still have to run. */
export const bedrock = defineFramework({
  name: 'WordPress',
  recognize: (files) =>
    hasAll(files, 'web/wp-config.php', 'config/application.php')
      ? {
          docroot: 'web',
          // WordPress is in a separate folder, and the sites of a network are below the main site's address.
          routes: isFolderNetwork(files.text('config/application.php')) ? [...folders, ...foldersOfBedrock] : [],
          shared: ['web/app/uploads'],
          // Its settings are in variables, and the repository has only a sample of them.
          variables: { values: { WP_HOME: '{site}', WP_SITEURL: '{site}/wp' }, unless: '.env' },
          keys: Object.fromEntries(salts.map((name) => [name, ['.env']])),
          denied: kept.map((path) => `/app/${path}`),
          neverSent: ['/web/app/debug.log', '/web/app/cache/', '/web/app/upgrade/'],
        }
      : undefined,
});

/** https://github.com/roots/bedrock/blob/master/.env.example */
const salts = ['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'].flatMap((name) => [`${name}_KEY`, `${name}_SALT`]);

/** Returns whether it is a network whose sites are folders of one domain. A network of subdomains needs no routes. */
function isFolderNetwork(config: string): boolean {
  const says = (name: string, value: string) => new RegExp(`['"]${name}['"]\\s*,\\s*${value}`, 'i').test(config);
  return says('MULTISITE', 'true') && !says('SUBDOMAIN_INSTALL', 'true');
}

/** https://developer.wordpress.org/advanced-administration/multisite/: the rules that the network's setup page prints for Apache. */
const folders: readonly Route[] = [
  { kind: 'redirect', from: '^/([_0-9a-zA-Z-]+)/wp-admin$', to: '/$1/wp-admin/', for: 'no file', permanent: true },
  { kind: 'rewrite', from: '^/[_0-9a-zA-Z-]+/(wp-(?:content|admin|includes).*)$', to: '/$1', for: 'no file' },
  { kind: 'rewrite', from: '^/[_0-9a-zA-Z-]+/([^/]+\\.php)$', to: '/$1', for: 'no file' },
];

const foldersOfBedrock: readonly Route[] = [
  { kind: 'rewrite', from: '^/(wp-(?:admin|includes)/.*)$', to: '/wp/$1', for: 'no file' },
  { kind: 'rewrite', from: '^/(wp-[a-z-]+\\.php)$', to: '/wp/$1', for: 'no file' },
];
