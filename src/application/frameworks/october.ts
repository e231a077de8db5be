import type { Files } from '../../runtimes/detected.ts';
import { composerOf } from './composer.ts';
import { defineFramework, hasAll, type Needs } from './framework.ts';

/** https://docs.octobercms.com/3.x/setup/web-server.html */
export const october = defineFramework({ name: 'October CMS', recognize: (files) => needsOf(files, 'october/rain', 'october:migrate') });

/** https://wintercms.com/docs/: a fork of October. */
export const winter = defineFramework({ name: 'Winter CMS', recognize: (files) => needsOf(files, 'winter/storm', 'winter:up') });

/** The only folders whose files are served; all other addresses are those of the application. */
const served = [
  'index\\.php',
  '\\.well-known/',
  '[^/]*\\.(?:ico|png|svg|txt|webmanifest)$',
  'storage/(?:app/(?:media|resources|uploads/public)|temp/public)/',
  'app/(?:assets|resources)/',
  '(?:modules|plugins|themes)/.*/(?:assets|resources)/',
];

/** Returns the needs of an application with this library, which applies its migrations with this command. */
function needsOf(files: Files, library: string, migrate: string): Needs | undefined {
  if (!hasAll(files, 'artisan', 'bootstrap/app.php', 'index.php') || !composerOf(files).requires.has(library)) return undefined;
  // A folder with links to what may be served, which `artisan` creates.
  const isMirrored = files.has('public/index.php');
  return {
    ...(isMirrored
      ? { docroot: 'public' }
      : { routes: [{ kind: 'rewrite', from: `^/(?!${served.join('|')})`, to: '/index.php', for: 'all' } as const] }),
    shared: ['storage'],
    logs: ['storage/logs/*.log'],
    keys: { APP_KEY: ['.env'] },
    // What a program without a request, such as one that sends mail, takes for the site's address.
    variables: { values: { APP_URL: '{site}' }, unless: '.env' },
    migrate: { command: `php artisan ${migrate}`, paths: ['plugins', 'modules', 'composer.lock'] },
    neverSent: [
      '/storage/cms/cache/*',
      '/storage/cms/combiner/*',
      '/storage/cms/twig/*',
      '/storage/framework/cache/*',
      '/storage/framework/sessions/*',
      '/storage/logs/*.log',
    ],
  };
}
