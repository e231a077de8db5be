import { defineFramework, hasAll } from './framework.ts';

/**
 * https://freshrss.github.io/FreshRSS/en/admins/: only `p` is for visitors, `data` is its owner's. Its scripts take a path behind their
 * name.
 */
export const freshrss = defineFramework({
  name: 'FreshRSS',
  recognise: (files) =>
    hasAll(files, 'p/i/index.php', 'p/api/greader.php', 'constants.php')
      ? { docroot: 'p', fronts: {}, shared: ['data', 'extensions'], healthPath: '/i/' }
      : undefined,
});
