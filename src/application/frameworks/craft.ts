import { composerOf } from './composer.ts';
import { defineFramework } from './framework.ts';

/** https://craftcms.com/docs/5.x/deployment.html: `storage` outlives releases, and each release publishes its own `cpresources`. */
export const craft = defineFramework({
  name: 'Craft CMS',
  recognize: (files) => {
    const docroot = ['web', 'public'].find((folder) => files.has(`${folder}/index.php`));
    if (docroot === undefined || !(files.has('craft') || composerOf(files).requires.has('craftcms/cms'))) return undefined;
    return {
      docroot,
      shared: ['storage'],
      logs: ['storage/logs/*.log'],
      writable: [`${docroot}/cpresources`],
      neverSent: ['/storage/runtime/', '/storage/logs/', '/storage/backups/', `/${docroot}/cpresources/*`],
      extensions: ['bcmath'],
    };
  },
});
