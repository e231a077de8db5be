import type { Files } from '../../runtimes/detected.ts';
import { composerOf } from './composer.ts';
import { defineFramework, hasAll, type Needs } from './framework.ts';

/**
 * https://laravel.com/docs: only `public` is served, `storage` and `bootstrap/cache` must be writable, and version 11 and later answers on
 * `/up`.
 */
export const laravel = defineFramework({ name: 'Laravel', recognize: needsOf });

/** https://statamic.dev: Laravel, with the control panel's accounts and pictures in files. */
export const statamic = defineFramework({
  name: 'Statamic',
  recognize: (files) => {
    const needs = files.has('please') || composerOf(files).requires.has('statamic/cms') ? needsOf(files) : undefined;
    return needs && { ...needs, shared: ['storage', 'users', 'public/assets'] };
  },
});

function needsOf(files: Files): Needs | undefined {
  if (!hasAll(files, 'artisan', 'bootstrap/app.php', 'public/index.php')) return undefined;
  return {
    docroot: 'public',
    shared: ['storage'],
    // Laravel needs a key of 32 characters, and none is in the repository.
    ...(/env\(\s*['"]APP_KEY['"]\s*\)/.test(files.text('config/app.php')) && { keys: { APP_KEY: ['.env'] } }),
    // What a program without a request, such as one that sends mail, takes for the site's address.
    variables: { values: { APP_URL: '{site}' }, unless: '.env' },
    // The link that `php artisan storage:link` creates, which is in no repository.
    links: { 'public/storage': '../storage/app/public' },
    writable: ['bootstrap/cache'],
    logs: ['storage/logs/*.log'],
    // https://laravel.com/docs/migrations#running-migrations
    ...(files.paths.some((path) => /^database\/migrations\/[^/]+\.php$/.test(path)) && {
      migrate: { command: 'php artisan migrate --force', paths: ['database/migrations'] },
    }),
    healthPath: /\bhealth:\s*['"](\/[\w/-]*)['"]/.exec(files.text('bootstrap/app.php'))?.[1] ?? '/',
    // The marker of a running Vite, and configuration that was cached with the paths and passwords of another machine.
    neverSent: [
      '/public/hot',
      '/bootstrap/cache/*.php',
      '/storage/logs/*.log',
      '/storage/framework/cache/data/*',
      '/storage/framework/sessions/*',
      '/storage/framework/testing/*',
      '/storage/framework/views/*.php',
      '!/storage/framework/**/.gitignore',
      '.phpunit.*',
    ],
  };
}
