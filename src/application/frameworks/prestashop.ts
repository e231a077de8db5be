import type { Route } from '../routing/routing.ts';
import { defineFramework, hasAll } from './framework.ts';

/**
 * Returns the route to a product's picture, whose folders are the digits of its number: `/12-home_default/name.jpg` is
 * `/img/p/1/2/12-home_default.jpg`.
 */
function pictures(digits: number): Route {
  const groups = Array.from({ length: digits }, () => '([0-9])').join('');
  const number = Array.from({ length: digits }, (_, index) => `$${index + 1}`);
  return {
    kind: 'rewrite',
    from: `^/${groups}(-[_a-zA-Z0-9-]*)?/[_a-zA-Z0-9-]*\\.(jpg|webp|avif|png)$`,
    to: `/img/p/${number.join('/')}/${number.join('')}$${digits + 1}.$${digits + 2}`,
    for: 'no file',
  };
}

/** https://devdocs.prestashop-project.org/8/basics/installation/nginx/ */
export const prestashop = defineFramework({
  name: 'PrestaShop',
  recognize: (files) => {
    if (!hasAll(files, 'config/defines.inc.php', 'init.php', 'index.php')) return undefined;
    // The back office is in a folder with a random name.
    const offices = files.paths.flatMap((path) => /^(admin[A-Za-z0-9_-]*)\/index\.php$/.exec(path)?.[1] ?? []);
    const [theme, ...otherThemes] = files.paths.flatMap((path) => /^themes\/([^/]+)\/config\/theme\.yml$/.exec(path)?.[1] ?? []);
    return {
      routes: [
        { kind: 'rewrite', from: '^/api/?(.*)$', to: '/webservice/dispatcher.php?url=$1', for: 'no file' },
        ...[1, 2, 3, 4, 5, 6, 7].map(pictures),
        { kind: 'rewrite', from: '^/c/([0-9]+)(-[._a-zA-Z0-9-]*)?/[_a-zA-Z0-9-]*\\.(jpg|webp)$', to: '/img/c/$1$2.$3', for: 'no file' },
      ],
      fronts: { '/': '/index.php', ...Object.fromEntries(offices.map((office) => [`/${office}/`, `/${office}/index.php`])) },
      // Its back office is closed as long as the installer is there. The installer begins with its settings file, enables the theme near its end, and
      // since version 9 keeps a lock file until its last step.
      installerFolder: {
        folder: 'install',
        once: theme === undefined || otherThemes.length > 0 ? 'app/config/parameters.php' : `config/themes/${theme}/shop1.json`,
        lock: 'var/.install.prestashop',
      },
      // The back office installs modules, and modules keep pictures and settings in their own folders.
      shared: ['app/config', 'config/themes', 'download', 'img', 'mails', 'modules', 'translations', 'upload', 'var/logs'],
      // The installer refuses to continue if it cannot write to `config`, which is mostly code; it generates styles in `themes`, and locks itself in
      // `var`.
      writable: ['cache', 'config', 'themes', 'var'],
      // What the installer and the back office require.
      settings: { memory_limit: '256M' },
      logs: ['var/logs/*.log'],
      denied: [
        ...['app', 'bin', 'cache', 'classes', 'config', 'controllers', 'docs', 'localization', 'override', 'src', 'tests', 'tests-legacy'],
        ...['tools', 'translations', 'var', 'vendor', 'download', 'mails'],
      ].map((name) => `/${name}/`),
      neverSent: ['/var/cache/', '/var/logs/', '/cache/smarty/compile/', '/cache/smarty/cache/'],
    };
  },
});
