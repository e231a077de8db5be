import { symlinkSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { cli, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { php } from './packages.ts';

/** A script that says which it is, the path behind its name, and its query. */
const says = "<?php echo $_SERVER['SCRIPT_NAME'], ' ', $_SERVER['PATH_INFO'] ?? '-', ' ', $_SERVER['QUERY_STRING'];";
const closed = 'Require all denied\n';
const wordpress = ['index.php', 'wp-load.php', 'wp-settings.php', 'wp-login.php', 'wp-admin/index.php'];
const filesOf = (paths: readonly string[], prefix = '') => Object.fromEntries(paths.map((path) => [`${prefix}${path}`, says]));

/** What a site consists of, and what visitors meet there: an address, then the status or what is answered. */
interface Skeleton {
  readonly files: Readonly<Record<string, string>>;
  readonly web?: object;
  readonly workers?: object;
  readonly shared?: readonly string[];
  readonly met: Readonly<Record<string, string | number>>;
}

const skeletons: Readonly<Record<string, Skeleton>> = {
  plain: {
    files: {
      ...filesOf(['index.php', 'info.php', 'admin/index.php', 'files/dl.php']),
      'silent/index.php': '<?php // Silence is golden.',
      'silent/a.css': 'css',
      'picture.jpg': says,
      'data/.htaccess': closed,
      'data/users.txt': 'secret',
      'data/open/.htaccess': 'Require all granted\n',
      'data/open/a.txt': 'open',
      '.htaccess': [
        'ErrorDocument 404 /missing.html',
        'Redirect 301 /old /new',
        'Header set X-Robots-Tag "none"',
        '<FilesMatch "\\.(key|secret)$">',
        closed,
        '</FilesMatch>',
        'RewriteEngine On',
        'RewriteRule ^feed/?$ info.php?feed=1 [L]',
        'SetEnv A b',
        'SetEnv PATH /tmp',
      ].join('\n'),
      'a.key': 'secret',
      'app.sqlite3': 'database',
      'lib/config.inc': 'settings',
      'dump.sql.gz': 'dump',
      'missing.html': 'not here',
      'env.php': "<?php echo getenv('A'), $_SERVER['A'];",
    },
    met: {
      '/': '/index.php - ',
      '/env.php': 'bb',
      '/pretty/url?a=b': '/index.php - a=b',
      '/info.php?c=d': '/info.php - c=d',
      '/info.php/a/b?c=d': '/info.php /a/b c=d',
      '/info.php/a.css': '/info.php /a.css ',
      '/info.php/x.sql': '/info.php /x.sql ',
      '/index.php/a': '/index.php /a ',
      '/admin/users/1': '/admin/index.php - ',
      '/admin/index.php/x': '/admin/index.php /x ',
      '/files/dl.php': '/files/dl.php - ',
      '/nope.php': '/index.php - ',
      '/silent/x': '/index.php - ',
      '/silent/a.css': 'css',
      '/picture.jpg/x.php': '/index.php - ',
      '/...tea': '/index.php - ',
      '/.well-known/webfinger?resource=a': '/index.php - resource=a',
      '/.htaccess': 404,
      '/data/users.txt': 404,
      '/data/nothing': 404,
      '/data/open/a.txt': 'open',
      '/a.key': 404,
      '/app.sqlite3': 404,
      '/lib/config.inc': 404,
      '/dump.sql.gz': 404,
      '/b.key': '/index.php - ',
      '/feed': '/info.php - feed=1',
      '/old/x': 301,
    },
  },
  blog: {
    files: { ...filesOf(['index.php']), ...filesOf(wordpress, 'blog/'), 'blog/wp-content/uploads/a.txt': 'upload' },
    met: {
      '/about': '/index.php - ',
      '/blog/': '/blog/index.php - ',
      '/blog/hello-world/': '/blog/index.php - ',
      '/blog/wp-json/': '/blog/index.php - ',
      '/blog/wp-login.php': '/blog/wp-login.php - ',
      // It comes with the release, and includes a file of WordPress.
      '/blog/wp-config.php': '/blog/wp-config.php - ',
      '/blog/wp-content/uploads/a.txt': 'upload',
    },
  },
  // The file is shared before the application has written it.
  settled: {
    files: {
      ...filesOf(wordpress),
      'index.php': "<?php echo str_contains(file_get_contents(__DIR__ . '/wp-config.php'), 'DB_PASSWORD') ? 'settings' : 'none';",
    },
    shared: ['wp-config.php', 'wp-content/uploads'],
    met: { '/': 'settings', '/a/b/': 'settings' },
  },
  network: {
    files: {
      ...filesOf(wordpress),
      'wp-config.php': "<?php define('MULTISITE', true); define('SUBDOMAIN_INSTALL', false);",
      'wp-includes/a.js': 'script',
      'wp-admin/a.css': 'css',
    },
    met: {
      '/site2/': '/index.php - ',
      '/site2/wp-login.php?a=b': '/wp-login.php - a=b',
      '/site2/wp-includes/a.js': 'script',
      '/site2/wp-admin/a.css': 'css',
      '/site2/wp-admin/': '/wp-admin/index.php - ',
      '/site2/wp-admin': 301,
      '/nope.php': '/index.php - ',
      '/a/b/c.php': '/index.php - ',
    },
  },
  wiki: {
    files: {
      ...filesOf(['index.php', 'doku.php', 'inc/init.php', 'lib/exe/fetch.php', 'lib/exe/detail.php']),
      'install.php': '<input type="password">',
      'data/pages/start.txt': 'page',
      'conf/users.auth.php.txt': 'accounts',
      'lib/plugins/a/style.css': 'css',
    },
    met: {
      '/doku.php/wiki:syntax': '/doku.php /wiki:syntax ',
      '/wiki:syntax': '/doku.php - id=wiki:syntax',
      '/_media/a/b.png?w=1': '/lib/exe/fetch.php - media=a/b.png&w=1',
      '/data/pages/start.txt': 404,
      '/conf/users.auth.php.txt': 404,
      '/inc/init.php': 404,
      '/inc/init.php/x': 404,
      '/lib/plugins/a/style.css': 'css',
    },
  },
  reader: {
    files: {
      ...filesOf(['constants.php', 'p/i/index.php', 'p/index.php', 'p/api/greader.php']),
      'p/.htaccess': `<FilesMatch "^\\.|^(?!oidc)[^.]+$|\\.(?!css|html|js|php)[^.]*$">\n${closed}</FilesMatch>`,
      'p/LICENSE': 'license',
      'p/themes/v1.2/a.css': 'css',
    },
    met: {
      '/': '/index.php - ',
      '/i/?c=feed': '/i/index.php - c=feed',
      '/i': 301,
      '/api/greader.php/accounts/ClientLogin': '/api/greader.php /accounts/ClientLogin ',
      '/themes/v1.2/a.css': 'css',
      '/LICENSE': 404,
    },
  },
  own: {
    files: { ...filesOf(['index.php', 'wiki.php']), 'private/a.txt': 'a', 'data/.htaccess': closed, 'data/a.txt': 'data' },
    web: {
      routes: { '/wiki/*': '/wiki.php?id=$1', '/never/': 404, '/moved/*': { redirect: '/new/$1' } },
      deny: ['/private/', '!/data/'],
      headers: { 'X-Frame-Options': false },
    },
    met: {
      '/wiki/a/b': '/wiki.php - id=a/b',
      '/never/x': 404,
      '/moved/x': 302,
      '/private/a.txt': 404,
      '/data/a.txt': 'data',
      '/else': '/index.php - ',
    },
  },
  // It needs a class in a file that it can write, and no installer once the file is written.
  joomla: {
    files: {
      'index.php': `<?php
        require __DIR__ . '/configuration.php';
        $config = new JConfig();
        if (file_exists(__DIR__ . '/installation/index.php')) { header('Location: /installation/index.php'); exit; }
        echo $config->name;`,
      ...filesOf(['administrator/index.php', 'includes/defines.php', 'includes/app.php']),
      'installation/index.php': `<?php
        $file = dirname(__DIR__) . '/configuration.php';
        require $file;
        if (!isset($_GET['view']) || !is_writable($file)) { http_response_code(500); exit; }
        if (isset($_GET['name'])) file_put_contents($file, '<?php class JConfig { public $name = "' . $_GET['name'] . '"; }');
        echo 'installer';`,
    },
    met: {
      '/': 302,
      '/installation/': 302,
      '/installation/index.php': 302,
      '/installation/index.php?view=setup': 'installer',
      '/configuration.php': 404,
    },
  },
  // Its installer begins with the settings, and removes its lock at the end.
  shop: {
    files: {
      'index.php':
        "<?php echo is_file(__DIR__ . '/app/config/parameters.php') ? 'shop' : 'new', is_dir(__DIR__ . '/install') ? ' with installer' : '';",
      ...filesOf(['config/defines.inc.php', 'init.php']),
      'install/index.php': `<?php
        $lock = dirname(__DIR__) . '/var/.install.prestashop';
        if ($_GET['step'] === 'first') file_put_contents($lock, '1') && file_put_contents(dirname(__DIR__) . '/app/config/parameters.php', '<?php');
        else unlink($lock);
        echo 'installer';`,
    },
    met: { '/': 'new with installer', '/product/1': 'new with installer' },
  },
  // Nobody knows it. Its installer writes a settings file beside its pages, and looks whether it exists.
  settings: {
    files: {
      'index.php': `<?php
        if (!file_exists(__DIR__ . '/config.php')) { header('Location: /install/'); exit; }
        echo require __DIR__ . '/config.php';`,
      'config.sample.php': "<?php return 'sample';",
      'install/index.php': `<?php
        if (isset($_GET['name'])) file_put_contents(dirname(__DIR__) . '/config.php', '<?php return "' . $_GET['name'] . '";');
        if (isset($_GET['name'])) file_put_contents(dirname(__DIR__) . '/installed.lock', '1');
        echo '<input type="password">';`,
    },
    met: { '/': 302, '/config.php': 404, '/install/': '<input type="password">' },
  },
  laravel: {
    files: {
      ...filesOf(['artisan', 'bootstrap/app.php']),
      'config/app.php': "<?php return ['key' => env('APP_KEY')];",
      'public/index.php': "<?php echo strlen(getenv('APP_KEY')), is_file(__DIR__ . '/../bootstrap/cache/config.php') ? ' cached' : '';",
      'storage/app/public/a.png': 'picture',
      // What development leaves behind, with addresses and paths of another machine.
      'public/hot': 'http://localhost:5173',
      'bootstrap/cache/config.php': '<?php return [];',
    },
    // No such file exists: Livewire answers by a route.
    met: { '/': '32', '/livewire/livewire.js?id=1': '32', '/storage/a.png': 'picture', '/hot': '32' },
  },
  symfony: {
    files: {
      ...filesOf(['bin/console', 'config/bundles.php']),
      // Like Symfony's own front controller, it does not start without the file.
      'public/index.php':
        "<?php [$env, $local] = [dirname(__DIR__) . '/.env', dirname(__DIR__) . '/.env.local']; if (!is_file($env)) throw new Error; echo file_get_contents($env), is_file($local) ? ' local' : '';",
      '.env': 'APP_ENV=prod',
      '.env.local': 'APP_ENV=dev',
    },
    met: { '/': 'APP_ENV=prod' },
  },
  pages: {
    files: { 'index.html': 'front', 'about.html': 'about', 'docs/index.html': 'docs', '404.html': 'nothing here', 'a.css': 'css' },
    workers: { beat: { command: 'sleep infinity' } },
    met: { '/': 'front', '/about': 'about', '/about.html': 'about', '/docs/': 'docs', '/nope': 404, '/nope.css': 404, '/a.css': 'css' },
  },
  single: {
    files: { 'index.html': '<div id="app"></div><script src="/app.js"></script>', 'app.js': 'program' },
    met: { '/users/1': '<div id="app"></div><script src="/app.js"></script>', '/app.js': 'program', '/gone.js': 404 },
  },
};

const config = {
  host: false,
  sites: Object.entries(skeletons).map(([name, { web, workers, shared }]) => ({
    domain: `${name}.test`,
    www: false,
    app: { source: name, ...(shared && { shared }) },
    database: { engine: 'none' },
    ...(web && { web }),
    ...(workers && { workers }),
  })),
};

describe('applications without settings', () => {
  const here = lab('trixie', { include: php });
  const app = folder({
    'foobar.config.json': JSON.stringify(config),
    ...Object.fromEntries(
      Object.entries(skeletons).flatMap(([name, { files }]) =>
        Object.entries(files).map(([path, content]) => [`${name}/${path}`, content]),
      ),
    ),
  });

  // As `php artisan storage:link` creates it: with the path of this machine.
  symlinkSync(join(app, 'laravel/storage/app/public'), join(app, 'laravel/public/storage'));

  test('go live, and the plan names the directives of their .htaccess files that have no effect', async () => {
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
    expect(ended.code, ended.stderr).toBe(0);
    expect(JSON.stringify(ended.events)).toContain('.htaccess has lines that are not translated for Nginx: line 11, SetEnv PATH /tmp.');
    expect(named(ended, 'health').map(({ detail }) => detail)).toContainEqual(
      expect.stringMatching(/; \/install\.php still asks for the first password: the application is not set up$/),
    );
  });

  test.each(
    Object.entries(skeletons).flatMap(([name, { met }]) =>
      Object.entries(met).map(([path, answer]) => [`${name}.test`, path, answer] as const),
    ),
  )('%s%s is answered by %s', async (name, path, answer) => {
    const { status, body } = await visit(here.host.address, name, path);
    expect(typeof answer === 'number' ? status : body).toBe(answer);
  });

  test('may have workers beside static files', async () => {
    expect((await exec(here.host, 'systemctl is-active pages.test-beat@1')).stdout).toBe('active\n');
  });

  test('show their own error pages and headers', async () => {
    expect((await visit(here.host.address, 'pages.test', '/nope')).body).toBe('nothing here');
    expect((await visit(here.host.address, 'plain.test', '/data/users.txt')).body).toBe('not here');
    expect((await visit(here.host.address, 'plain.test', '/old/x')).headers.location).toBe('http://plain.test/new/x');
    const { headers } = await visit(here.host.address, 'plain.test', '/silent/a.css');
    expect([headers['x-robots-tag'], headers['x-frame-options']]).toEqual(['none', 'SAMEORIGIN']);
    expect((await visit(here.host.address, 'own.test', '/')).headers['x-frame-options']).toBeUndefined();
  });

  test('execute nothing that a visitor could have written', async () => {
    const uploads = '/srv/www/blog.test/shared/blog/wp-content/uploads';
    await exec(
      here.host,
      `printf '<?php echo "RUN";' >${uploads}/x.php; cp ${uploads}/x.php ${uploads}/x.jpg; chown -R blog_test: ${uploads}`,
    );
    for (const path of ['x.php', 'x.php/y', 'x.php/y.css', 'x.jpg/y.php', 'x.jpg/y.php/z'])
      expect((await visit(here.host.address, 'blog.test', `/blog/wp-content/uploads/${path}`)).body, path).not.toBe('RUN');
  });

  test('lose their installer once they are set up, in every release', async () => {
    const leftOut = async () => JSON.stringify(named(await cli(here.host, 'plan', [], { cwd: app }), 'change'));
    await visit(here.host.address, 'shop.test', '/install/index.php?step=first');
    expect(await leftOut()).not.toContain('leave out install,');
    expect((await visit(here.host.address, 'shop.test', '/')).body).toBe('shop with installer');
    await visit(here.host.address, 'shop.test', '/install/index.php?step=last');
    expect(await leftOut()).toContain('leave out install,');
    const setUp = '/installation/index.php?view=setup';
    expect((await visit(here.host.address, 'joomla.test', `${setUp}&name=one`)).body).toBe('installer');
    expect((await visit(here.host.address, 'joomla.test', `${setUp}&name=two`)).body).toBe('installer');
    const plan = await cli(here.host, 'plan', [], { cwd: app });
    expect(JSON.stringify(plan.events)).toContain('leave out installation, since the application is set up');
    for (const file of ['new.txt', 'newer.txt']) {
      writeFileSync(join(app, 'joomla', file), file);
      const ended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
      expect(ended.code, ended.stderr).toBe(0);
      for (const [path, answer] of [
        ['/', 'two'],
        [setUp, 'two'],
        [`/${file}`, file],
      ] as const)
        expect((await visit(here.host.address, 'joomla.test', path)).body, path).toBe(answer);
    }
    expect((await visit(here.host.address, 'shop.test', '/')).body).toBe('shop');
    expect((await exec(here.host, 'ls -d /srv/www/joomla.test/releases/*/installation 2>&1 || true')).stdout).toContain('No such file');
  });

  test('keep the settings file that their installer writes beside their pages', async () => {
    await visit(here.host.address, 'settings.test', '/install/?name=mine');
    writeFileSync(join(app, 'settings/new.txt'), 'new');
    const ended = await cli(here.host, 'deploy', ['--site', 'settings.test'], { cwd: app });
    expect(ended.code, ended.stderr).toBe(0);
    expect(named(ended, 'health').map(({ warning }) => warning)).toContainEqual(
      expect.stringContaining('The application has tried to write installed.lock, but a release is read-only.'),
    );
    expect((await visit(here.host.address, 'settings.test', '/new.txt')).body).toBe('new');
    expect((await visit(here.host.address, 'settings.test', '/')).body).toBe('mine');
    expect((await visit(here.host.address, 'settings.test', '/config.php')).status).toBe(404);
    expect((await exec(here.host, 'stat -c "%U %F" /srv/www/settings.test/shared/config.php')).stdout).toBe('settings_test regular file\n');
  });

  test('get a shared folder back that somebody has removed or restored as root', async () => {
    const shared = '/srv/www/laravel.test/shared/storage';
    await exec(
      here.host,
      `rm -rf ${shared}; mkdir /srv/www/joomla.test/shared/images/a; chown -R root: /srv/www/joomla.test/shared/images`,
    );
    const planned = named(await cli(here.host, 'plan', [], { cwd: app }), 'change').map(({ resource, reason }) => `${reason} ${resource}`);
    expect(planned).toEqual(
      expect.arrayContaining(['drift shared-folder:/srv/www/joomla.test/shared/images', `drift shared-folder:${shared}`]),
    );
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
    expect(ended.code, ended.stderr).toBe(0);
    const owners = await exec(here.host, `stat -c %U ${shared} /srv/www/joomla.test/shared/images /srv/www/joomla.test/shared/images/a`);
    expect(owners.stdout).toBe('laravel_test\njoomla_test\njoomla_test\n');
    // Its processes see the new folder.
    const unit = (await exec(here.host, "systemctl list-units --plain --no-legend 'php-laravel.test-*' | cut -d ' ' -f 1")).stdout.trim();
    const seen = await exec(
      here.host,
      `nsenter -t "$(systemctl show -P MainPID ${unit})" -m stat -c %i /srv/www/laravel.test/current/storage`,
    );
    expect(seen.stdout).toBe((await exec(here.host, `stat -c %i ${shared}`)).stdout);
  });

  test('show what their framework has logged if a new release fails its check', async () => {
    const logs = "__DIR__ . '/../storage/logs'";
    const failing = `<?php @mkdir(${logs}); file_put_contents(${logs} . '/laravel.log', "[now] ERROR: no such table\n[stacktrace]\n#0 main\n"); http_response_code(500);`;
    writeFileSync(join(app, 'laravel/public/index.php'), failing);
    const ended = await cli(here.host, 'deploy', ['--site', 'laravel.test'], { cwd: app });
    expect(ended.code).toBe(5);
    expect(ended.stdout).toContain('[now] ERROR: no such table');
    expect(ended.stdout).not.toContain('#0 main');
    writeFileSync(join(app, 'laravel/public/index.php'), skeletons.laravel?.files['public/index.php'] ?? '');
  });

  test('leave an empty plan', async () => {
    const ended = await cli(here.host, 'plan', [], { cwd: app });
    expect([ended.code, named(ended, 'change')]).toEqual([0, []]);
  });
});

async function visit(address: string, name: string, path: string) {
  const asked = get({ host: address, path, headers: { Host: name }, agent: false });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => asked.on('response', resolve).on('error', reject));
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) };
}
