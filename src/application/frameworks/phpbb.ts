import { defineFramework, hasAll } from './framework.ts';

/**
 * https://github.com/phpbb/phpbb/blob/master/phpBB/docs/nginx.sample.conf. Its package contains an empty `config.php`, which the installer
 * writes.
 */
export const phpbb = defineFramework({
  name: 'phpBB',
  recognize: (files) =>
    hasAll(files, 'app.php', 'common.php', 'ucp.php', 'viewtopic.php')
      ? {
          fronts: { '/': '/app.php' },
          // It closes the forum as long as its installer is there.
          installerFolder: { folder: 'install', once: 'config.php' },
          shared: ['config.php', 'files', 'images/avatars/upload', 'store'],
          writable: ['cache'],
          denied: [
            ...['cache', 'config', 'files', 'images/avatars/upload', 'includes', 'phpbb', 'store', 'vendor'].map((name) => `/${name}/`),
            '/common.php',
            '/config.php',
          ],
        }
      : undefined,
});
