import type { Route } from '../routing/routing.ts';
import { defineFramework, hasAll } from './framework.ts';

/** Addresses of CardDAV and CalDAV, of RFC 6764. */
const routes: readonly Route[] = [
  { kind: 'redirect', from: '^/\\.well-known/(?:carddav|caldav)/?$', to: '/remote.php/dav/', for: 'all', permanent: true },
  { kind: 'rewrite', from: '^/remote/', to: '/remote.php', for: 'no file' },
  { kind: 'rewrite', from: '^/ocm-provider/?$', to: '/index.php', for: 'no file' },
];

/** https://docs.nextcloud.com/server/latest/admin_manual/installation/nginx.html */
export const nextcloud = defineFramework({
  name: 'Nextcloud',
  recognise: (files) =>
    hasAll(files, 'occ', 'remote.php', 'status.php', 'version.php')
      ? {
          routes,
          shared: ['config', 'data', ...(files.paths.some((path) => path.startsWith('custom_apps/')) ? ['custom_apps'] : [])],
          // Its own applications belong to the release; it refuses to be installed where it cannot write there.
          writable: ['apps'],
          healthPath: '/status.php',
          denied: [
            ...['3rdparty', 'build', 'config', 'data', 'lib', 'templates', 'tests'].map((name) => `/${name}/`),
            ...['autotest*', 'console*', 'db_*', 'indie*', 'issue*', 'occ'].map((name) => `/${name}`),
          ],
          extensions: ['bcmath', 'gmp'],
        }
      : undefined,
});
