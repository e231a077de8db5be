import { defineFramework, hasAll } from './framework.ts';

/** https://docs.kanboard.org/v1/admin/nginx_configuration/: attachments are in `data`; the user may add a `config.php`. */
export const kanboard = defineFramework({
  name: 'Kanboard',
  recognize: (files) =>
    hasAll(files, 'jsonrpc.php', 'config.default.php', 'app/common.php', 'libs/picodb/lib/PicoDb/Database.php')
      ? {
          shared: ['data'],
          logs: ['data/debug.log'],
          denied: ['/app/', '/cli', '/config.php', '/data/', '/libs/', '/tests/'],
          neverSent: ['/data/*', '!/data/.htaccess', '!/data/web.config'],
        }
      : undefined,
});
