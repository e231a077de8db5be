import { defineFramework, hasAll } from './framework.ts';

/** The types of the files in `user` and `system` that visitors may not read. */
const kept = ['json', 'md', 'txt', 'xml', 'yaml', 'yml', 'twig'];

/** https://github.com/getgrav/grav/blob/develop/webserver-configs/nginx.conf */
export const grav = defineFramework({
  name: 'Grav',
  recognize: (files) =>
    hasAll(files, 'index.php', 'system/src/Grav/Common/Grav.php')
      ? {
          // Its admin panel edits pages, settings and plugins. Without it, they come with the release.
          shared: ['backup', 'logs', ...(files.has('user/plugins/admin/admin.php') ? ['user'] : ['user/accounts', 'user/data'])],
          writable: ['assets', 'cache', 'images', 'tmp'],
          logs: ['logs/grav.log'],
          denied: [
            ...['backup', 'bin', 'cache', 'logs', 'tests', 'tmp', 'user/config', 'user/env'].map((name) => `/${name}/`),
            ...['system', 'user', 'vendor'].flatMap((name) => kept.map((type) => `/${name}/*.${type}`)),
          ],
          neverSent: ['/cache/*', '/logs/*', '/tmp/*', '!/*/.gitkeep'],
          extensions: ['curl', 'dom', 'gd', 'mbstring', 'zip'],
        }
      : undefined,
});
