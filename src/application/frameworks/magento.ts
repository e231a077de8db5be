import { defineFramework, hasAll } from './framework.ts';

/** https://github.com/magento/magento2/blob/2.4-develop/nginx.conf.sample */
export const magento = defineFramework({
  name: 'Magento',
  recognize: (files) =>
    hasAll(files, 'bin/magento', 'pub/index.php', 'pub/static.php')
      ? {
          docroot: 'pub',
          routes: [
            { kind: 'rewrite', from: '^/static/version[0-9]+/(.*)$', to: '/static/$1', for: 'no file' },
            { kind: 'rewrite', from: '^/static/(.*)$', to: '/static.php?resource=$1', for: 'no file' },
            { kind: 'rewrite', from: '^/media/', to: '/get.php', for: 'no file' },
          ],
          shared: ['pub/media', 'var/log', 'var/report', 'var/session', 'var/import', 'var/export'],
          logs: ['var/log/*.log'],
          writable: ['generated', 'pub/static', 'var/cache', 'var/page_cache', 'var/view_preprocessed', 'var/tmp'],
          denied: [
            '/media/customer/',
            '/media/customer_address/',
            '/media/custom_options/',
            '/media/downloadable/',
            '/media/import/',
            '/cron.php',
          ],
          neverSent: ['/var/cache/', '/var/page_cache/', '/var/log/', '/var/session/'],
          extensions: ['bcmath', 'soap'],
        }
      : undefined,
});
