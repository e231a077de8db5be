import { composerOf } from './composer.ts';
import { defineFramework } from './framework.ts';

/**
 * https://www.slimframework.com/docs/v4/start/web-servers.html. An application may write anywhere; these are the folders of Slim's
 * skeleton.
 */
export const slim = defineFramework({
  name: 'Slim',
  recognize: (files) => {
    if (!composerOf(files).requires.has('slim/slim') || !files.has('public/index.php')) return undefined;
    const has = (folder: string) => files.paths.some((path) => path.startsWith(`${folder}/`));
    return {
      docroot: 'public',
      shared: has('logs') ? ['logs'] : [],
      logs: ['logs/*.log'],
      writable: has('var/cache') ? ['var/cache'] : [],
      neverSent: ['/logs/*.log'],
    };
  },
});
