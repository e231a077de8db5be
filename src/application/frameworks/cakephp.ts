import { defineFramework, hasAll } from './framework.ts';

/** https://book.cakephp.org/5/en/deployment.html: `webroot` is served. */
export const cakephp = defineFramework({
  name: 'CakePHP',
  recognize: (files) =>
    hasAll(files, 'bin/cake', 'webroot/index.php')
      ? {
          docroot: 'webroot',
          shared: ['logs'],
          writable: ['tmp'],
          logs: ['logs/error.log'],
          neverSent: ['/logs/*.log', '/tmp/cache/**/*cake_*', '/tmp/debug_kit.sqlite'],
        }
      : undefined,
});
