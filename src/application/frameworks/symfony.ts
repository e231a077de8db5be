import { composerOf } from './composer.ts';
import { defineFramework, hasAll, type Needs } from './framework.ts';

/** https://symfony.com/doc/current/setup/file_permissions.html: `var/cache` is built for each version, and `var/log` is kept. */
const needs: Needs = {
  docroot: 'public',
  shared: ['var/log'],
  writable: ['var/cache'],
  logs: ['var/log/*.log'],
  // It does not start without .env, which contains defaults; secrets are in .env.local.
  sent: ['/.env'],
  neverSent: ['/.env.local', '/.env.local.php', '/.env.*.local', '/.env.dev', '/.env.test', '/var/cache/', '/var/log/', '.phpunit.*'],
};

export const symfony = defineFramework({
  name: 'Symfony',
  recognise: (files) =>
    hasAll(files, 'bin/console', 'config/bundles.php', 'public/index.php')
      ? {
          ...needs,
          ...(/^APP_SECRET=\s*$/m.test(files.text('.env')) && {
            keys: { APP_SECRET: ['.env.local', '.env.local.php', '.env.prod.local'] },
          }),
        }
      : undefined,
});

/** https://developer.shopware.com/docs/guides/hosting/: the folders that a shop uploads to and generates. */
export const shopware = defineFramework({
  name: 'Shopware',
  recognise: (files) =>
    hasAll(files, 'bin/console', 'public/index.php') && composerOf(files).requires.has('shopware/core')
      ? {
          ...needs,
          shared: ['var/log', 'files', 'public/media', 'public/sitemap', 'public/thumbnail'],
          writable: ['var/cache', 'public/bundles', 'public/theme'],
        }
      : undefined,
});
