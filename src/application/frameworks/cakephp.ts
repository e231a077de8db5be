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
          // The repository has only samples of these settings.
          ...(files.has('config/app_local.example.php') &&
            !files.has('config/app_local.php') && {
              files: { 'config/app_local.php': 'application/cakephp/app_local.php' },
              keys: { SECURITY_SALT: ['config/.env'] },
            }),
          logs: ['logs/error.log'],
          neverSent: ['/logs/*.log', '/tmp/cache/**/*cake_*', '/tmp/debug_kit.sqlite'],
        }
      : undefined,
});
