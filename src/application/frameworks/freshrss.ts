import { defineFramework, hasAll } from './framework.ts';

/**
 * https://freshrss.github.io/FreshRSS/en/admins/: only `p` is served, and `data` contains the users' data. Its scripts accept a path after
 * their name.
 */
export const freshrss = defineFramework({
  name: 'FreshRSS',
  recognize: (files) =>
    hasAll(files, 'p/i/index.php', 'p/api/greader.php', 'constants.php')
      ? { docroot: 'p', fronts: {}, shared: ['data', 'extensions'], logs: ['data/users/*/log.txt'], healthPath: '/i/' }
      : undefined,
});
