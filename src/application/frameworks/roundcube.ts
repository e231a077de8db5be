import { defineFramework, hasAll } from './framework.ts';

/**
 * https://github.com/roundcube/roundcubemail/wiki/Installation: since 1.5 `public_html` is served, whose script delivers the other files.
 */
export const roundcube = defineFramework({
  name: 'Roundcube',
  recognize: (files) =>
    hasAll(files, 'program/include/iniset.php', 'index.php')
      ? {
          docroot: files.has('public_html/index.php') ? 'public_html' : '.',
          fronts: {},
          shared: ['logs'],
          logs: ['logs/errors.log'],
          writable: ['temp'],
          installer: '/installer/',
          denied: ['bin', 'config', 'logs', 'SQL', 'temp', 'tests', 'vendor'].map((name) => `/${name}/`),
          extensions: ['ldap'],
        }
      : undefined,
});
