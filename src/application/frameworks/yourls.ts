import { defineFramework, hasAll } from './framework.ts';

/** https://docs.yourls.org/guide/server-configuration.html: short addresses are for its loader, and its front page is its owner's. */
export const yourls = defineFramework({
  name: 'YOURLS',
  recognise: (files) =>
    hasAll(files, 'yourls-loader.php', 'yourls-api.php', 'includes/load-yourls.php')
      ? { fronts: { '/': '/yourls-loader.php' }, healthPath: '/admin/', denied: ['/includes/vendor/', '/user/cache/', '/user/logs/'] }
      : undefined,
});
