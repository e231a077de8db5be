import { composerOf } from './composer.ts';
import { defineFramework } from './framework.ts';

/** https://craftcms.com/docs/5.x/deployment.html: `storage` outlives releases, and each release publishes its own `cpresources`. */
export const craft = defineFramework({
  name: 'Craft CMS',
  recognize: (files) => {
    const docroot = ['web', 'public'].find((folder) => files.has(`${folder}/index.php`));
    if (docroot === undefined || !(files.has('craft') || composerOf(files).requires.has('craftcms/cms'))) return undefined;
    const panel = /\bcpTrigger(?:\(|['"]\s*=>)\s*['"]([\w-]+)['"]/.exec(files.text('config/general.php'))?.[1] ?? 'admin';
    const isConfigured = files.has('config/project/project.yaml');
    return {
      docroot,
      // The control panel changes the project configuration, unless the repository has it.
      shared: ['storage', ...(isConfigured ? [] : ['config/project'])],
      ...(isConfigured && {
        migrate: {
          command: '! php craft install/check >/dev/null 2>&1 || php craft up --interactive=0',
          paths: ['migrations', 'config/project', 'composer.lock'],
        },
      }),
      variables: {
        values: {
          ...(isConfigured && { CRAFT_ALLOW_ADMIN_CHANGES: 'false' }),
          CRAFT_ENVIRONMENT: 'production',
          CRAFT_LICENSE_KEY_PATH: '{application}/storage/license.key',
          CRAFT_DB_SERVER: '{DB_HOST}',
          CRAFT_DB_PORT: '{DB_PORT}',
          CRAFT_DB_DATABASE: '{DB_DATABASE}',
          CRAFT_DB_USER: '{DB_USER}',
          CRAFT_DB_PASSWORD: '{DB_PASSWORD}',
        },
        unless: '.env',
      },
      keys: { CRAFT_APP_ID: ['.env'], CRAFT_SECURITY_KEY: ['.env'] },
      // Until it is set up, it answers all other addresses with 503. Afterwards, this one leads to the login.
      healthPath: `/${panel}/install`,
      installer: `/${panel}/install`,
      logs: ['storage/logs/*.log'],
      writable: [`${docroot}/cpresources`],
      neverSent: ['/storage/runtime/', '/storage/logs/', '/storage/backups/', `/${docroot}/cpresources/*`],
      extensions: ['bcmath'],
    };
  },
});
