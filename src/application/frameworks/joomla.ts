import { defineFramework, hasAll } from './framework.ts';

/**
 * https://docs.joomla.org/Nginx. Joomla fails on a `configuration.php` without a class in it, its installer needs a file that it may write,
 * and every visitor is led to the installer as long as it exists.
 */
export const joomla = defineFramework({
  name: 'Joomla',
  recognize: (files) => {
    if (
      !hasAll(files, 'index.php', 'administrator/index.php', 'includes/defines.php', 'includes/app.php') &&
      !files.has('libraries/joomla/version.php')
    )
      return undefined;
    const fronts = ['administrator', 'api'].filter((folder) => files.has(`${folder}/index.php`));
    return {
      fronts: { '/': '/index.php', ...Object.fromEntries(fronts.map((folder) => [`/${folder}/`, `/${folder}/index.php`])) },
      shared: ['configuration.php', 'images', 'administrator/logs'],
      files: { 'configuration.php': 'application/joomla/configuration.php' },
      // Without it, Joomla takes the path behind index.php for a part of its own address, and answers its default addresses with 404.
      settings: { 'cgi.fix_pathinfo': '1' },
      installerFolder: { folder: 'installation', once: 'configuration.php', page: '/installation/index.php?view=setup' },
      writable: ['administrator/cache', 'cache', 'tmp'],
      logs: ['administrator/logs/*.php'],
      denied: [
        ...['administrator/cache', 'administrator/logs', 'administrator/manifests', 'bin', 'cli', 'libraries', 'logs', 'tmp'].map(
          (name) => `/${name}/`,
        ),
        '/htaccess.txt',
        '/web.config.txt',
        '/configuration.php-dist',
      ],
    };
  },
});
