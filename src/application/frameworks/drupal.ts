import { defineFramework, hasAll } from './framework.ts';

/**
 * https://www.drupal.org/docs/getting-started/installing-drupal: uploads and generated files are in `sites/default/files`; the rest is in
 * its .htaccess.
 */
export const drupal = defineFramework({
  name: 'Drupal',
  recognize: (files) => {
    const is7 = hasAll(files, 'includes/bootstrap.inc', 'misc/drupal.js');
    if (!is7 && !files.has('core/lib/Drupal.php')) return undefined;
    return {
      fronts: { '/': '/index.php' },
      // If the repository contains its settings, they are part of the release; otherwise the installer writes them.
      shared: ['sites/default/files', ...(files.has('sites/default/settings.php') ? [] : ['sites/default/settings.php'])],
      denied: ['/sites/default/private/', '/sites/default/files/private/', '/sites/default/files/config_*', '/web.config', '/vendor/'],
      neverSent: ['/sites/default/settings.local.php', '/sites/*/files/php/', '/sites/*/files/css/', '/sites/*/files/js/'],
    };
  },
});
