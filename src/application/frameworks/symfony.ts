import type { Files } from '../../runtimes/detected.ts';
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
  recognize: (files) => {
    if (!hasAll(files, 'bin/console', 'config/bundles.php', 'public/index.php')) return undefined;
    const databaseFile = databaseFileOf(files);
    return {
      ...needs,
      ...(/^APP_SECRET=\s*$/m.test(files.text('.env')) && {
        keys: { APP_SECRET: ['.env.local', '.env.local.php', '.env.prod.local'] },
      }),
      ...(databaseFile !== undefined && { databaseFile, shared: [...(needs.shared ?? []), databaseFile], extensions: ['pdo_sqlite'] }),
      ...(hasMigrations(files) && {
        migrate: {
          command: 'php bin/console doctrine:migrations:migrate --no-interaction --allow-no-migration',
          paths: ['migrations'],
        },
      }),
    };
  },
});

/** Returns the file of the SQLite database that `.env` names, if it is one of the application's files. */
function databaseFileOf(files: Files): string | undefined {
  const url = /^DATABASE_URL=["']?sqlite:\/\/\/%kernel\.project_dir%\/([\w./-]+)["']?\s*$/m.exec(files.text('.env'));
  return url?.[1] !== undefined && files.has(url[1]) ? url[1] : undefined;
}

/** https://symfony.com/bundles/DoctrineMigrationsBundle/current/index.html */
function hasMigrations(files: Files): boolean {
  const isInstalled = composerOf(files).requires.has('doctrine/doctrine-migrations-bundle');
  return isInstalled && files.paths.some((path) => /^migrations\/(?:[^/]+\/)*Version\w+\.php$/.test(path));
}

/** https://developer.shopware.com/docs/guides/hosting/: the folders that a shop uploads to and generates. */
export const shopware = defineFramework({
  name: 'Shopware',
  recognize: (files) =>
    hasAll(files, 'bin/console', 'public/index.php') && composerOf(files).requires.has('shopware/core')
      ? {
          ...needs,
          shared: ['var/log', 'files', 'public/media', 'public/sitemap', 'public/thumbnail'],
          writable: ['var/cache', 'public/bundles', 'public/theme'],
        }
      : undefined,
});
