import { defineFramework, hasAll } from './framework.ts';

/** https://docs.yourls.org/guide/server-configuration.html: its loader answers short addresses, and the owner provides the front page. */
export const yourls = defineFramework({
  name: 'YOURLS',
  recognize: (files) =>
    hasAll(files, 'yourls-loader.php', 'yourls-api.php', 'includes/load-yourls.php')
      ? {
          fronts: { '/': '/yourls-loader.php' },
          healthPath: '/admin/',
          installer: '/admin/install.php',
          files: files.has('includes/config.php') ? {} : { 'user/config.php': 'application/yourls/config.php' },
          denied: ['/includes/vendor/', '/user/cache/', '/user/logs/'],
        }
      : undefined,
});
