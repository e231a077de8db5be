import { defineFramework, hasAll } from './framework.ts';

/**
 * https://piwigo.org/guides/install: releases share the pictures and their resized copies. Its scripts accept a path after their name or their `?`.
 */
export const piwigo = defineFramework({
  name: 'Piwigo',
  recognize: (files) =>
    hasAll(files, 'picture.php', 'identification.php', 'include/common.inc.php', 'ws.php')
      ? {
          fronts: {},
          shared: ['_data', 'galleries', 'language', 'local', 'plugins', 'themes', 'upload'],
          denied: ['/include/', '/install/db/', '/local/config/', '/_data/logs/', '/_data/tmp/', '/_data/cache/'],
        }
      : undefined,
});
