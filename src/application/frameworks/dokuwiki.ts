import { defineFramework, hasAll } from './framework.ts';

/** https://www.dokuwiki.org/rewrite and https://www.dokuwiki.org/security: pages, accounts and plug-ins are files. */
export const dokuwiki = defineFramework({
  name: 'DokuWiki',
  recognize: (files) =>
    hasAll(files, 'doku.php', 'inc/init.php', 'lib/exe/fetch.php')
      ? {
          routes: [
            { kind: 'rewrite', from: '^/_media/(.*)$', to: '/lib/exe/fetch.php?media=$1', for: 'no file' },
            { kind: 'rewrite', from: '^/_detail/(.*)$', to: '/lib/exe/detail.php?media=$1', for: 'no file' },
            { kind: 'rewrite', from: '^/_export/([^/]+)/(.*)$', to: '/doku.php?do=export_$1&id=$2', for: 'no file' },
            { kind: 'rewrite', from: '^/(?!lib/)(.+)$', to: '/doku.php?id=$1', for: 'no file' },
          ],
          fronts: {},
          shared: ['conf', 'data', 'lib/plugins', 'lib/tpl'],
          installer: '/install.php',
          denied: ['/bin/', '/conf/', '/data/', '/inc/', '/vendor/'],
        }
      : undefined,
});
