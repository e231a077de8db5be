import type { Route } from '../routing/routing.ts';
import { defineFramework, hasAll } from './framework.ts';

/** Includes the addresses of CardDAV and CalDAV in RFC 6764. */
const routes: readonly Route[] = [
  { kind: 'redirect', from: '^/\\.well-known/(?:carddav|caldav)/?$', to: '/remote.php/dav/', for: 'all', permanent: true },
  { kind: 'rewrite', from: '^/remote/', to: '/remote.php', for: 'no file' },
  { kind: 'rewrite', from: '^/ocm-provider/?$', to: '/index.php', for: 'no file' },
];

/** https://docs.nextcloud.com/server/latest/admin_manual/installation/nginx.html */
export const nextcloud = defineFramework({
  name: 'Nextcloud',
  recognize: (files) =>
    hasAll(files, 'occ', 'remote.php', 'status.php', 'version.php')
      ? {
          routes,
          shared: ['config', 'data', ...(files.paths.some((path) => path.startsWith('custom_apps/')) ? ['custom_apps'] : [])],
          // Its bundled applications belong to the release, but its installer requires a writable folder.
          writable: ['apps'],
          logs: ['data/nextcloud.log'],
          healthPath: '/status.php',
          denied: [
            ...['3rdparty', 'build', 'config', 'data', 'lib', 'templates', 'tests'].map((name) => `/${name}/`),
            ...['autotest*', 'console*', 'db_*', 'indie*', 'issue*', 'occ'].map((name) => `/${name}`),
          ],
          extensions: ['bcmath', 'gmp'],
        }
      : undefined,
});
