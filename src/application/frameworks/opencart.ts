import { defineFramework, hasAll } from './framework.ts';

/** The folders that OpenCart writes below `system/storage`, where `vendor` is code. */
const storage = ['backup', 'cache', 'download', 'logs', 'marketplace', 'session', 'upload'];

/** https://github.com/opencart/opencart: `config.php` is empty until the installer writes it. */
export const opencart = defineFramework({
  name: 'OpenCart',
  recognize: (files) =>
    hasAll(files, 'index.php', 'system/startup.php', 'admin/index.php') &&
    files.paths.some((path) => path.startsWith('catalog/controller/'))
      ? {
          routes: [
            {
              kind: 'rewrite',
              from: '^/(?!.*\\.(?:ico|gif|jpg|jpeg|png|webp|js|css|svg)$)(.+)$',
              to: '/index.php?_route_=$1',
              for: 'no file',
            },
          ],
          fronts: {},
          installerFolder: { folder: 'install', once: 'config.php' },
          shared: ['config.php', 'admin/config.php', 'image', ...storage.map((name) => `system/storage/${name}`)],
          logs: ['system/storage/logs/*.log'],
          denied: ['/system/'],
        }
      : undefined,
});
