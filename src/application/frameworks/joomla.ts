import { defineFramework, hasAll } from './framework.ts';

/** https://docs.joomla.org/Nginx. Joomla treats an empty `configuration.php` as missing, and its installer writes it. */
export const joomla = defineFramework({
  name: 'Joomla',
  recognise: (files) => {
    if (
      !hasAll(files, 'index.php', 'administrator/index.php', 'includes/defines.php', 'includes/app.php') &&
      !files.has('libraries/joomla/version.php')
    )
      return undefined;
    const fronts = ['administrator', 'api', 'installation'].filter((folder) => files.has(`${folder}/index.php`));
    return {
      fronts: { '/': '/index.php', ...Object.fromEntries(fronts.map((folder) => [`/${folder}/`, `/${folder}/index.php`])) },
      shared: ['configuration.php', 'images', 'administrator/logs'],
      writable: ['administrator/cache', 'cache', 'tmp'],
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
