import { defineFramework, hasAll } from './framework.ts';

/** https://docs.moodle.org/en/Nginx. Since 5.1 `public` is served, and since 4.5 `r.php` answers addresses without a file. */
export const moodle = defineFramework({
  name: 'Moodle',
  recognize: (files) => {
    const docroot = ['public', '.'].find((folder) => files.has(folder === '.' ? 'lib/moodlelib.php' : `${folder}/lib/moodlelib.php`));
    if (docroot === undefined || !hasAll(files, 'config-dist.php')) return undefined;
    const served = (path: string) => files.has(docroot === '.' ? path : `${docroot}/${path}`);
    return {
      docroot,
      fronts: served('r.php') ? { '/': '/r.php' } : {},
      errorPages: served('error/index.php') && !served('r.php') ? { 404: '/error/index.php' } : {},
      // Its config.php looks for the code beside its own folder, so it cannot be a link to a shared file.
      files: { 'config.php': 'application/moodle/config.php' },
      shared: ['moodledata'],
      denied: [
        '/moodledata/',
        '/vendor/',
        '/node_modules/',
        '/config-dist.php',
        '/phpunit.xml*',
        '/*/upgrade.txt',
        '/*/db/*.xml',
        '/*/tests/*',
      ],
      neverSent: ['/moodledata/', '/phpunit.xml', '/behat.yml'],
      extensions: ['soap'],
      // Its installer creates hundreds of tables in one request.
      settings: { max_execution_time: '300' },
    };
  },
});
