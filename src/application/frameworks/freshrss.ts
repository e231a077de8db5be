import { defineFramework, hasAll } from './framework.ts';

/**
 * https://freshrss.github.io/FreshRSS/en/admins/: visitors may see only `p`, and `data` belongs to the owner. Its scripts accept a path
 * after their name.
 */
export const freshrss = defineFramework({
  name: 'FreshRSS',
  recognize: (files) =>
    hasAll(files, 'p/i/index.php', 'p/api/greader.php', 'constants.php')
      ? { docroot: 'p', fronts: {}, shared: ['data', 'extensions'], logs: ['data/users/*/log.txt'], healthPath: '/i/' }
      : undefined,
});
