import { describe, expect, test } from 'vitest';
import { type Recognized, recognize } from '../../src/application/detect.ts';

/** Where addresses lead that are no files: `/admin/ > /admin/index.php`. */
function routesOf({ routing }: Recognized): readonly string[] {
  return routing.routes.map((route) => `${route.from} > ${route.kind === 'answer' ? route.status : route.to}`);
}

function recognized(files: readonly string[] | Readonly<Record<string, string>>): Recognized {
  const texts: Readonly<Record<string, string>> = Array.isArray(files) ? {} : { ...(files as Readonly<Record<string, string>>) };
  return recognize(Array.isArray(files) ? files : Object.keys(files), (path) => texts[path] ?? '');
}

const front = ['^/ > /index.php'];
const below = (folder: string, files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));
const wordpress = ['index.php', 'wp-load.php', 'wp-settings.php', 'wp-login.php', 'wp-content/index.php', 'wp-admin/index.php'];

describe('a framework is recognized by its files, with its docroot, writable paths, health path and front controllers', () => {
  test.each<
    readonly [
      string,
      readonly string[] | Readonly<Record<string, string>>,
      Partial<Pick<Recognized, 'name' | 'docroot' | 'shared' | 'writable' | 'healthPath' | 'migrate'>>,
      readonly string[],
    ]
  >([
    ['WordPress', wordpress, { docroot: '.', shared: ['wp-content/uploads'] }, front],
    ['WordPress', wordpress.map((path) => `htdocs/${path}`), { docroot: 'htdocs', shared: ['htdocs/wp-content/uploads'] }, front],
    [
      'WordPress',
      {
        ...Object.fromEntries(wordpress.map((path) => [path, ''])),
        'wp-config.php': "define( 'MULTISITE', true );\ndefine( 'SUBDOMAIN_INSTALL', false );",
      },
      {},
      [
        '^/([_0-9a-zA-Z-]+)/wp-admin$ > /$1/wp-admin/',
        '^/[_0-9a-zA-Z-]+/(wp-(?:content|admin|includes).*)$ > /$1',
        '^/[_0-9a-zA-Z-]+/([^/]+\\.php)$ > /$1',
        ...front,
      ],
    ],
    [
      'WordPress',
      {
        ...Object.fromEntries(wordpress.map((path) => [path, ''])),
        'wp-config.php': "define('MULTISITE', true);\ndefine('SUBDOMAIN_INSTALL', true);",
      },
      {},
      front,
    ],
    [
      'a PHP application, with WordPress in blog',
      ['index.php', ...wordpress.map((path) => `blog/${path}`)],
      { docroot: '.', shared: ['blog/wp-content/uploads'] },
      ['^/blog/ > /blog/index.php', ...front],
    ],
    [
      'Laravel, with WordPress in public/blog',
      ['artisan', 'bootstrap/app.php', 'public/index.php', ...wordpress.map((path) => `public/blog/${path}`)],
      { docroot: 'public', shared: ['storage', 'public/blog/wp-content/uploads'], writable: ['bootstrap/cache'] },
      ['^/blog/ > /blog/index.php', ...front],
    ],
    ['WordPress', ['web/index.php', 'web/wp-config.php', 'config/application.php'], { docroot: 'web', shared: ['web/app/uploads'] }, front],
    [
      'Statamic',
      { artisan: '', please: '', 'bootstrap/app.php': '', 'public/index.php': '', 'composer.json': '{"require":{"statamic/cms":"^5"}}' },
      { docroot: 'public', shared: ['storage', 'users', 'public/assets'], writable: ['bootstrap/cache'] },
      front,
    ],
    [
      'October CMS',
      { artisan: '', 'index.php': '', 'bootstrap/app.php': '', 'composer.json': '{"require":{"october/rain":"^3.6"}}' },
      {
        docroot: '.',
        shared: ['storage'],
        migrate: { command: 'php artisan october:migrate', paths: ['plugins', 'modules', 'composer.lock'] },
      },
      [expect.stringMatching(/^\^\/\(\?!index\\\.php\|.* > \/index\.php$/), ...front],
    ],
    [
      'Winter CMS',
      {
        artisan: '',
        'index.php': '',
        'bootstrap/app.php': '',
        'public/index.php': '',
        'composer.json': '{"require":{"winter/storm":"*"}}',
      },
      {
        docroot: 'public',
        shared: ['storage'],
        migrate: { command: 'php artisan winter:up', paths: ['plugins', 'modules', 'composer.lock'] },
      },
      front,
    ],
    [
      'Grav',
      ['index.php', 'system/src/Grav/Common/Grav.php', 'user/pages/01.home/default.md'],
      { docroot: '.', shared: ['backup', 'logs', 'user/accounts', 'user/data'], writable: ['assets', 'cache', 'images', 'tmp'] },
      front,
    ],
    [
      'Grav',
      ['index.php', 'system/src/Grav/Common/Grav.php', 'user/plugins/admin/admin.php'],
      { shared: ['backup', 'logs', 'user'] },
      front,
    ],
    [
      'Craft CMS',
      { craft: '', 'web/index.php': '', 'config/general.php': "GeneralConfig::create()->cpTrigger('office')" },
      { docroot: 'web', shared: ['storage', 'config/project'], healthPath: '/office/install' },
      front,
    ],
    ['Craft CMS', ['craft', 'web/index.php', 'config/project/project.yaml'], { shared: ['storage'], healthPath: '/admin/install' }, front],
    ['Symfony', ['bin/console', 'config/bundles.php', 'public/index.php'], { docroot: 'public', writable: ['var/cache'] }, front],
    [
      'Shopware',
      { 'bin/console': '', 'public/index.php': '', 'composer.json': '{"require":{"shopware/core":"*"}}' },
      { docroot: 'public', shared: ['var/log', 'files', 'public/media', 'public/sitemap', 'public/thumbnail'] },
      front,
    ],
    [
      'Drupal',
      ['index.php', 'core/lib/Drupal.php', 'update.php'],
      { docroot: '.', shared: ['sites/default/files', 'sites/default/settings.php'] },
      front,
    ],
    ['Drupal', ['index.php', 'core/lib/Drupal.php', 'sites/default/settings.php'], { shared: ['sites/default/files'] }, front],
    [
      'Drupal',
      ['composer.json', 'web/index.php', 'web/core/lib/Drupal.php'],
      { docroot: 'web', shared: ['web/sites/default/files', 'web/sites/default/settings.php'] },
      front,
    ],
    [
      'MediaWiki',
      ['index.php', 'api.php', 'load.php', 'rest.php', 'includes/Defines.php'],
      { shared: ['images', 'cache'] },
      ['^/rest\\.php/ > /rest.php', ...front],
    ],
    [
      'Nextcloud',
      ['index.php', 'occ', 'remote.php', 'status.php', 'version.php'],
      { shared: ['config', 'data'], writable: ['apps'], healthPath: '/status.php' },
      ['^/\\.well-known/(?:carddav|caldav)/?$ > /remote.php/dav/', '^/ocm-provider/?$ > /index.php', '^/remote/ > /remote.php', ...front],
    ],
    ['Moodle', ['index.php', 'config-dist.php', 'lib/moodlelib.php', 'error/index.php'], { shared: ['moodledata'] }, []],
    [
      'Moodle',
      ['config-dist.php', 'public/index.php', 'public/r.php', 'public/lib/moodlelib.php'],
      { docroot: 'public', shared: ['moodledata'] },
      ['^/ > /r.php'],
    ],
    [
      'phpBB',
      ['app.php', 'index.php', 'common.php', 'ucp.php', 'viewtopic.php', 'install/app.php'],
      { shared: ['config.php', 'files', 'images/avatars/upload', 'store'], writable: ['cache'] },
      ['^/ > /app.php'],
    ],
    [
      'Joomla',
      ['index.php', 'administrator/index.php', 'api/index.php', 'includes/defines.php', 'includes/app.php'],
      { shared: ['configuration.php', 'images', 'administrator/logs'], writable: ['administrator/cache', 'cache', 'tmp'] },
      ['^/administrator/ > /administrator/index.php', '^/api/ > /api/index.php', ...front],
    ],
    [
      'Kanboard',
      ['index.php', 'jsonrpc.php', 'config.default.php', 'app/common.php', 'libs/picodb/lib/PicoDb/Database.php'],
      { docroot: '.', shared: ['data'], writable: [] },
      front,
    ],
    [
      'Magento',
      ['bin/magento', 'pub/index.php', 'pub/static.php', 'pub/get.php'],
      { docroot: 'pub' },
      ['^/static/version[0-9]+/(.*)$ > /static/$1', '^/static/(.*)$ > /static.php?resource=$1', '^/media/ > /get.php', ...front],
    ],
    [
      'OpenCart',
      ['upload/index.php', 'upload/admin/index.php', 'upload/system/startup.php', 'upload/catalog/controller/a.php'],
      { docroot: 'upload' },
      ['^/(?!.*\\.(?:ico|gif|jpg|jpeg|png|webp|js|css|svg)$)(.+)$ > /index.php?_route_=$1'],
    ],
    [
      'DokuWiki',
      ['doku.php', 'index.php', 'inc/init.php', 'lib/exe/fetch.php', 'lib/exe/detail.php'],
      { shared: ['conf', 'data', 'lib/plugins', 'lib/tpl'] },
      [
        '^/_media/(.*)$ > /lib/exe/fetch.php?media=$1',
        '^/_detail/(.*)$ > /lib/exe/detail.php?media=$1',
        '^/_export/([^/]+)/(.*)$ > /doku.php?do=export_$1&id=$2',
        '^/(?!lib/)(.+)$ > /doku.php?id=$1',
      ],
    ],
    [
      'FreshRSS',
      ['p/i/index.php', 'p/index.php', 'p/api/greader.php', 'constants.php'],
      { docroot: 'p', shared: ['data', 'extensions'], healthPath: '/i/' },
      [],
    ],
    ['Matomo', ['index.php', 'matomo.php', 'piwik.php', 'core/Version.php'], { shared: ['config', 'misc/user'], writable: ['tmp'] }, []],
    [
      'Craft CMS',
      ['craft', 'web/index.php'],
      { docroot: 'web', shared: ['storage', 'config/project'], writable: ['web/cpresources'] },
      front,
    ],
    [
      'TYPO3',
      { 'public/index.php': '', 'composer.json': '{"require":{"typo3/cms-core":"^13"}}' },
      { docroot: 'public' },
      ['^/(.+)\\.[0-9]+\\.(php|js|css|png|jpg|gif|gzip)$ > /$1.$2', ...front],
    ],
    ['CakePHP', ['bin/cake', 'webroot/index.php', 'index.php'], { docroot: 'webroot', shared: ['logs'], writable: ['tmp'] }, front],
    [
      'CodeIgniter',
      ['spark', 'public/index.php', 'app/Config/App.php'],
      { docroot: 'public', shared: ['writable/logs', 'writable/session', 'writable/uploads'] },
      front,
    ],
    ['CodeIgniter', ['index.php', 'system/core/CodeIgniter.php', 'application/config/config.php'], { shared: ['application/logs'] }, front],
    ['Yii', ['yii', 'web/index.php'], { docroot: 'web', writable: ['runtime', 'web/assets'] }, front],
    ['Yii', ['frontend/web/index.php', 'common/config/main.php'], { docroot: 'frontend/web' }, front],
    [
      'Slim',
      { 'public/index.php': '', 'logs/README.md': '', 'composer.json': '{"require":{"slim/slim":"4.*"}}' },
      { docroot: 'public', shared: ['logs'], writable: [] },
      front,
    ],
    ['YOURLS', ['yourls-loader.php', 'yourls-api.php', 'includes/load-yourls.php'], { healthPath: '/admin/' }, ['^/ > /yourls-loader.php']],
    ['Piwigo', ['index.php', 'picture.php', 'identification.php', 'ws.php', 'include/common.inc.php'], { writable: [] }, []],
    ['MyBB', ['index.php', 'showthread.php', 'forumdisplay.php', 'inc/init.php'], { docroot: '.' }, []],
    ['phpMyAdmin', ['index.php', 'url.php', 'libraries/vendor_config.php'], { docroot: '.', writable: ['tmp'] }, []],
    [
      'phpMyAdmin',
      ['composer.json', 'public/index.php', 'public/url.php', 'app/vendor_config.php'],
      { docroot: 'public', writable: ['tmp'] },
      [],
    ],
    ['Roundcube', ['index.php', 'program/include/iniset.php', 'public_html/index.php'], { docroot: 'public_html', writable: ['temp'] }, []],
  ])('%s: %j', (name, files, expected, routes) => {
    const found = recognized(files);
    expect(found).toMatchObject({ name, runtime: 'php', ...expected });
    expect(routesOf(found)).toEqual(routes);
  });
});

test('a picture of PrestaShop is found by the digits of its number', () => {
  const found = recognized(['index.php', 'init.php', 'config/defines.inc.php', 'admin123x/index.php', 'webservice/dispatcher.php']);
  expect(found.name).toBe('PrestaShop');
  expect(routesOf(found)).toContain('^/([0-9])([0-9])(-[_a-zA-Z0-9-]*)?/[_a-zA-Z0-9-]*\\.(jpg|webp|avif|png)$ > /img/p/$1/$2/$1$2$3.$4');
  expect(routesOf(found).slice(-2)).toEqual(['^/admin123x/ > /admin123x/index.php', '^/ > /index.php']);
});

describe('the installer of an application', () => {
  test.each<readonly [string, readonly string[], Pick<Recognized, 'installerFolder'>]>([
    [
      'Joomla',
      ['index.php', 'administrator/index.php', 'includes/defines.php', 'includes/app.php'],
      { installerFolder: { folder: 'installation', once: 'configuration.php', page: '/installation/index.php?view=setup' } },
    ],
    [
      'Joomla in a folder',
      ['htdocs/index.php', 'htdocs/administrator/index.php', 'htdocs/includes/defines.php', 'htdocs/includes/app.php'],
      { installerFolder: { folder: 'htdocs/installation', once: 'htdocs/configuration.php', page: '/installation/index.php?view=setup' } },
    ],
    ['MyBB', ['showthread.php', 'forumdisplay.php', 'inc/init.php'], { installerFolder: { folder: 'install', once: 'inc/settings.php' } }],
    ['phpBB', ['app.php', 'common.php', 'ucp.php', 'viewtopic.php'], { installerFolder: { folder: 'install', once: 'config.php' } }],
    [
      'OpenCart',
      ['index.php', 'system/startup.php', 'admin/index.php', 'catalog/controller/a.php'],
      { installerFolder: { folder: 'install', once: 'config.php' } },
    ],
    [
      'PrestaShop',
      ['index.php', 'init.php', 'config/defines.inc.php'],
      { installerFolder: { folder: 'install', once: 'app/config/parameters.php', lock: 'var/.install.prestashop' } },
    ],
    ['WordPress', wordpress, {}],
  ])('%s', (_, files, expected) => {
    const { installerFolder } = recognized(files);
    expect(installerFolder === undefined ? {} : { installerFolder }).toEqual(expected);
  });

  test('is where visitors of the front page are led as long as it exists', () => {
    const joomla = ['index.php', 'administrator/index.php', 'includes/defines.php', 'includes/app.php'];
    const expected = { folder: 'installation', page: '/installation/index.php?view=setup' };
    expect(recognized(joomla).routing.installer).toEqual(expected);
    expect(recognized(joomla.map((path) => `htdocs/${path}`)).routing.installer).toEqual(expected);
    // Its own pages lead there, or it is not the application that is served.
    expect(recognized(['app.php', 'common.php', 'ucp.php', 'viewtopic.php']).routing.installer).toBeUndefined();
    expect(recognized(['index.php', ...joomla.map((path) => `shop/${path}`)]).routing.installer).toBeUndefined();
  });
});

describe('a key of its own', () => {
  const laravel = { artisan: '', 'bootstrap/app.php': '', 'public/index.php': '' };
  const symfony = { 'bin/console': '', 'config/bundles.php': '', 'public/index.php': '' };
  test.each<readonly [string, Readonly<Record<string, string>>, Recognized['keys']]>([
    ['Laravel', { ...laravel, 'config/app.php': "'key' => env('APP_KEY')," }, { APP_KEY: ['.env'] }],
    ['Laravel with a default', { ...laravel, 'config/app.php': "'key' => env('APP_KEY', 'SomeRandomString')," }, undefined],
    ['Laravel without the setting', laravel, undefined],
    [
      'Symfony whose repository has none',
      { ...symfony, '.env': 'APP_ENV=prod\nAPP_SECRET=\n' },
      { APP_SECRET: ['.env.local', '.env.local.php', '.env.prod.local'] },
    ],
    ['Symfony whose repository has one', { ...symfony, '.env': 'APP_SECRET=abc\n' }, undefined],
    ['Symfony without the variable', { ...symfony, '.env': 'APP_ENV=prod\n' }, undefined],
  ])('%s', (_, files, expected) => {
    expect(recognized(files).keys).toEqual(expected);
  });
});

describe('a database', () => {
  const symfony = { 'bin/console': '', 'config/bundles.php': '', 'public/index.php': '' };
  const sqlite = { ...symfony, '.env': 'DATABASE_URL="sqlite:///%kernel.project_dir%/data/database.sqlite"\n' };
  const migrations = { 'composer.json': '{"require":{"doctrine/doctrine-migrations-bundle":"^3"}}', 'migrations/Version2024.php': '' };
  const command = 'php bin/console doctrine:migrations:migrate --no-interaction --allow-no-migration';
  const laravel = { artisan: '', 'bootstrap/app.php': '', 'public/index.php': '' };
  test.each<readonly [string, Readonly<Record<string, string>>, { readonly [Key in keyof Recognized]?: Recognized[Key] | undefined }]>([
    [
      'of Symfony, which brings it in a file',
      { ...sqlite, 'data/database.sqlite': '' },
      { databaseFile: 'data/database.sqlite', shared: ['var/log', 'data/database.sqlite'], extensions: ['pdo_sqlite'] },
    ],
    ['of Symfony, whose file is made by development alone', sqlite, { databaseFile: undefined, shared: ['var/log'] }],
    ['of Symfony, with migrations', { ...symfony, ...migrations }, { migrate: { command, paths: ['migrations'] } }],
    [
      'of Symfony, with migrations, in a folder',
      below('src', { ...symfony, ...migrations }),
      { migrate: { command: `cd src && ${command}`, paths: ['src/migrations'] } },
    ],
    ['of Symfony, without the bundle', { ...symfony, 'migrations/Version2024.php': '' }, { migrate: undefined }],
    [
      'of Laravel, with migrations',
      { ...laravel, 'database/migrations/a.php': '' },
      { migrate: { command: 'php artisan migrate --force', paths: ['database/migrations'] } },
    ],
    ['of Laravel, without migrations', { ...laravel, 'database/migrations/.gitkeep': '' }, { migrate: undefined }],
  ])('%s', (_, files, expected) => {
    const found = recognized(files);
    expect({ ...found, databaseFile: found.databaseFile, migrate: found.migrate }).toMatchObject(expected);
  });
});

describe('plain PHP', () => {
  test.each<readonly [string, Readonly<Record<string, string>>, readonly string[]]>([
    ['nothing to enter', { 'info.php': '' }, []],
    [
      'a page in a folder',
      { 'index.php': '', 'admin/index.php': '<?php echo $_SERVER["REQUEST_URI"];' },
      ['^/admin/ > /admin/index.php', ...front],
    ],
    [
      'a folder in a folder',
      { 'index.php': '', 'a/index.php': '<p>a', 'a/b.c/index.php': '<p>b' },
      ['^/a/b\\.c/ > /a/b.c/index.php', '^/a/ > /a/index.php', ...front],
    ],
    [
      'folders that nobody should list',
      {
        'index.php': '',
        'a/index.php': '<?php // Silence is golden.',
        'b/index.php': '<?php\nheader("Location: ../");\nexit;\n',
        'c/index.php': '',
      },
      front,
    ],
    ['code of others', { 'index.php': '', 'vendor/a/index.php': '<p>a' }, front],
    // Apache would send there nothing that lies deeper.
    [
      'rules of its own',
      {
        'index.php': '',
        '.htaccess': 'RewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule ^ index.php [L]',
        'admin/index.php': '<p>admin',
      },
      front,
    ],
  ])('with %s', (_, files, routes) => {
    expect(routesOf(recognized(files))).toEqual(routes);
  });
});

test('style sheets that MyBB writes are served', () => {
  const { denials } = recognized(['index.php', 'showthread.php', 'forumdisplay.php', 'inc/init.php']).routing;
  const stops = (path: string) => denials.some(({ pattern }) => new RegExp(pattern).test(path));
  expect(['/cache/themes/theme1/global.css', '/inc/config.php'].map(stops)).toEqual([false, true]);
});

describe('a static export', () => {
  const page = '<div id="root"></div><script type="module" src="/app.js"></script>';
  test.each<readonly [string, Readonly<Record<string, string>>, string, Partial<Recognized['routing']>, readonly string[]]>([
    ['of pages', { 'index.html': '', 'about.html': '' }, '.', { cleanUrls: true, errorPages: {} }, []],
    ['with a page for what is not there', { 'index.html': '', '404.html': '' }, '.', { errorPages: { 404: '/404.html' } }, []],
    ['that a build made', { 'package.json': '', 'index.html': page, 'dist/index.html': page }, 'dist', {}, ['^/ > /index.html']],
    ['of one page with a program', { 'out/index.html': page }, 'out', {}, ['^/ > /index.html']],
    ['of one page without one', { 'index.html': '<h1>Soon' }, '.', {}, []],
    ['with a page for all other addresses', { 'index.html': '', '200.html': '' }, '.', {}, ['^/ > /200.html']],
    ['whose page has an old name', { 'index.htm': '' }, '.', {}, []],
  ])('%s', (_, files, docroot, routing, routes) => {
    const found = recognized(files);
    expect(found).toMatchObject({ runtime: 'static', docroot, routing });
    expect(routesOf(found)).toEqual(routes);
  });
});

test('the folder to which its .htaccess sends every address is served', () => {
  const rules = '<IfModule mod_rewrite.c>\nRewriteEngine on\nRewriteRule ^$ site/ [L]\nRewriteRule (.*) site/$1 [L]\n</IfModule>';
  expect(recognized({ '.htaccess': rules, 'site/index.php': '', 'src/a.php': '' })).toMatchObject({ docroot: 'site', remarks: [] });
  expect(recognized({ '.htaccess': rules, 'index.php': '' }).docroot).toBe('.');
});

test('extensions come from composer.json and from the recognized application', () => {
  const composer = '{"require":{"php":">=8.2","ext-ctype":"*","ext-pdo_mysql":"*","ext-bcmath":"*"}}';
  expect(recognized({ 'index.php': '', 'composer.json': composer }).extensions).toEqual(['ctype', 'pdo_mysql', 'bcmath']);
  expect(recognized({ 'index.php': '', 'composer.json': 'no JSON' }).extensions).toEqual([]);
  expect(recognized(['index.php', 'config-dist.php', 'lib/moodlelib.php']).extensions).toEqual(['soap']);
});

test.each<readonly [string, readonly string[], Partial<Recognized>]>([
  ['Laravel', ['artisan', 'bootstrap/app.php', 'public/index.php'], { logs: ['storage/logs/*.log'] }],
  ['Laravel in src', ['src/artisan', 'src/bootstrap/app.php', 'src/public/index.php'], { logs: ['src/storage/logs/*.log'] }],
  ['Symfony', ['bin/console', 'config/bundles.php', 'public/index.php'], { logs: ['var/log/*.log'] }],
  [
    'Joomla',
    ['index.php', 'administrator/index.php', 'includes/defines.php', 'includes/app.php'],
    { logs: ['administrator/logs/*.php'], settings: { 'cgi.fix_pathinfo': '1' } },
  ],
  ['plain PHP', ['index.php'], { logs: [], settings: {} }],
])('%s: its logs and PHP settings', (_, files, expected) => {
  expect(recognized(files)).toMatchObject(expected);
});

test.each<[string, Readonly<Record<string, string>>, Partial<Recognized>]>([
  [
    'Bedrock has its address and salts',
    { 'web/index.php': '', 'web/wp-config.php': '', 'config/application.php': '' },
    {
      variables: { values: { WP_HOME: '{site}', WP_SITEURL: '{site}/wp' }, unless: '.env' },
      keys: expect.objectContaining({ AUTH_KEY: ['.env'], NONCE_SALT: ['.env'] }),
    },
  ],
  [
    'Craft in a folder finds its license in its shared folder',
    { 'www/craft': '', 'www/web/index.php': '' },
    {
      variables: {
        values: expect.objectContaining({ CRAFT_LICENSE_KEY_PATH: '{application}/www/storage/license.key', CRAFT_DB_USER: '{DB_USER}' }),
        unless: 'www/.env',
      },
    },
  ],
  [
    'CakePHP gets the settings of which it has a sample',
    { 'bin/cake': '', 'webroot/index.php': '', 'config/app_local.example.php': '' },
    { files: { 'config/app_local.php': expect.stringContaining("env('DATABASE_URL')") }, keys: { SECURITY_SALT: ['config/.env'] } },
  ],
  [
    'CakePHP keeps settings of its own',
    { 'bin/cake': '', 'webroot/index.php': '', 'config/app_local.example.php': '', 'config/app_local.php': '' },
    { files: {} },
  ],
  [
    'Matomo has its scripts',
    { 'matomo.php': '', 'piwik.php': '', 'core/Version.php': '' },
    { rules: expect.arrayContaining(['!/node_modules/']) },
  ],
])('%s', (_, files, expected) => {
  expect(recognized(files)).toMatchObject(expected);
});
