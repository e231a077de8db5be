import { composerOf } from './composer.ts';
import { defineFramework } from './framework.ts';

/**
 * https://docs.typo3.org/m/typo3/tutorial-getting-started/main/en-us/: installed by Composer, with `public` served and the editors' files
 * in `fileadmin`.
 */
export const typo3 = defineFramework({
  name: 'TYPO3',
  recognize: (files) =>
    composerOf(files).requires.has('typo3/cms-core') && files.has('public/index.php')
      ? {
          docroot: 'public',
          fronts: { '/': '/index.php', ...(files.has('public/typo3/index.php') && { '/typo3/': '/typo3/index.php' }) },
          routes: [
            {
              kind: 'rewrite',
              from: '^/(.+)\\.[0-9]+\\.(php|js|css|png|jpg|gif|gzip)$',
              to: '/$1.$2',
              for: 'no file',
            },
          ],
          shared: ['config/system', 'public/fileadmin', 'public/typo3temp', 'var/labels', 'var/log', 'var/session'],
          writable: ['var/cache'],
          logs: ['var/log/*.log'],
          denied: ['/fileadmin/_temp_/', '/fileadmin/user_upload/_temp_/', '/typo3temp/var/', '/typo3conf/ext/*/Resources/Private/*'],
          neverSent: ['/var/cache/', '/var/log/'],
        }
      : undefined,
});
