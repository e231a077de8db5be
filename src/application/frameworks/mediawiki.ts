import { defineFramework, hasAll } from './framework.ts';

/** https://www.mediawiki.org/wiki/Manual:Security: uploads are in `images`, and folders of code are not served. */
export const mediawiki = defineFramework({
  name: 'MediaWiki',
  recognize: (files) =>
    hasAll(files, 'api.php', 'load.php', 'index.php', 'includes/Defines.php')
      ? {
          fronts: { '/rest.php/': '/rest.php', '/': '/index.php' },
          shared: ['images', 'cache'],
          installer: '/mw-config/index.php',
          denied: [
            ...['cache', 'docs', 'includes', 'languages', 'maintenance', 'serialized', 'sql', 'tests', 'vendor'].map((name) => `/${name}/`),
            '/images/deleted/',
            '/images/temp/',
          ],
        }
      : undefined,
});
