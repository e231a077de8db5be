import { defineFramework, hasAll } from './framework.ts';

/** https://docs.mybb.com/1.8/install/: the installer writes two files with settings. Style sheets are in `cache/themes`. */
export const mybb = defineFramework({
  name: 'MyBB',
  recognize: (files) =>
    hasAll(files, 'showthread.php', 'forumdisplay.php', 'inc/init.php')
      ? {
          fronts: {},
          // It closes the forum as long as its installer is there.
          installerFolder: { folder: 'install', once: 'inc/settings.php' },
          shared: ['inc/config.php', 'inc/settings.php', 'admin/backups', 'cache', 'uploads'],
          denied: ['/admin/backups/', '/inc/'],
        }
      : undefined,
});
