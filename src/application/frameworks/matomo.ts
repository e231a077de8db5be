import { defineFramework, hasAll } from './framework.ts';

/** https://github.com/matomo-org/matomo-nginx: visitors need only a few scripts, and only files are served. */
export const matomo = defineFramework({
  name: 'Matomo',
  recognize: (files) =>
    hasAll(files, 'matomo.php', 'piwik.php', 'core/Version.php')
      ? {
          fronts: {},
          shared: ['config', 'misc/user'],
          writable: ['tmp'],
          logs: ['tmp/logs/*.log'],
          denied: ['/bin/', '/config/', '/core/', '/lang/', '/tests/', '/tmp/', '/console'],
          // Its pages use scripts in it.
          sent: ['/node_modules/'],
          neverSent: ['/tmp/cache/', '/tmp/templates_c/'],
        }
      : undefined,
});
