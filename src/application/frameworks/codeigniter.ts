import { defineFramework, hasAll } from './framework.ts';

/** https://codeigniter.com/user_guide/installation/deployment.html: version 4 serves `public`, version 3 its whole folder. */
export const codeigniter = defineFramework({
  name: 'CodeIgniter',
  recognize: (files) => {
    if (hasAll(files, 'spark', 'public/index.php', 'app/Config/App.php'))
      return {
        docroot: 'public',
        shared: ['writable/logs', 'writable/session', 'writable/uploads'],
        writable: ['writable/cache', 'writable/debugbar'],
        logs: ['writable/logs/*.log'],
        neverSent: ['/writable/logs/*.log', '/writable/session/ci_session*', '/writable/debugbar/*.json'],
      };
    return hasAll(files, 'index.php', 'system/core/CodeIgniter.php', 'application/config/config.php')
      ? {
          shared: ['application/logs'],
          logs: ['application/logs/*.php'],
          writable: ['application/cache'],
          denied: ['/application/', '/system/', '/vendor/'],
        }
      : undefined;
  },
});
