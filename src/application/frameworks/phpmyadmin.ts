import { defineFramework, hasAll } from './framework.ts';

/** https://docs.phpmyadmin.net/en/latest/setup.html: it keeps compiled templates in `tmp`, and its configuration file may be missing. */
export const phpmyadmin = defineFramework({
  name: 'phpMyAdmin',
  recognize: (files) =>
    hasAll(files, 'index.php', 'url.php', 'libraries/vendor_config.php') || hasAll(files, 'public/url.php', 'app/vendor_config.php')
      ? {
          docroot: files.has('public/url.php') ? 'public' : '.',
          fronts: {},
          writable: ['tmp'],
          files: { 'config.inc.php': 'application/phpmyadmin/config.inc.php' },
          denied: ['app', 'bin', 'libraries', 'node_modules', 'resources', 'setup/lib', 'sql', 'templates', 'tests', 'tmp', 'vendor'].map(
            (name) => `/${name}/`,
          ),
        }
      : undefined,
});
