import { describe, expect, test } from 'vitest';
import { type Recognized, recognize, recognizedText } from '../../src/application/detect.ts';
import { plainPhp } from './recognized.ts';

const laravel: Recognized = { ...plainPhp, name: 'Laravel', docroot: 'public', shared: ['storage'], writable: ['bootstrap/cache'] };
const wordpress: Recognized = { ...plainPhp, name: 'WordPress', shared: ['wp-content/uploads'] };
const pages: Recognized = { ...plainPhp, name: 'a static site', runtime: 'static' };
const laravelFiles = { artisan: '', 'public/index.php': '', 'composer.json': '' };

describe('an application', () => {
  test.each<readonly [string, Readonly<Record<string, string>>, Recognized]>([
    [
      'of Laravel, with its health page',
      { ...laravelFiles, 'bootstrap/app.php': "->withRouting(web: __DIR__.'/x', health: '/up',)" },
      { ...laravel, healthPath: '/up' },
    ],
    ['of an older Laravel', { ...laravelFiles, 'bootstrap/app.php': '<?php // health is elsewhere' }, laravel],
    ['that has an artisan and no Laravel', { artisan: '', 'public/index.php': '' }, { ...plainPhp, docroot: 'public' }],
    [
      'of Symfony',
      { 'bin/console': '', 'config/bundles.php': '', 'public/index.php': '', 'src/Kernel.php': '' },
      { ...plainPhp, name: 'Symfony', docroot: 'public', shared: ['var/log'], writable: ['var/cache'] },
    ],
    ['of WordPress', { 'index.php': '', 'wp-load.php': '', 'wp-settings.php': '', 'wp-config.php': '' }, wordpress],
    [
      'of WordPress below a folder',
      { 'public/index.php': '', 'public/wp-load.php': '', 'public/wp-settings.php': '' },
      { ...wordpress, docroot: 'public', shared: ['public/wp-content/uploads'] },
    ],
    [
      'of Bedrock',
      { 'web/index.php': '', 'web/wp-config.php': '', 'config/application.php': '', 'web/wp/wp-load.php': '' },
      { ...wordpress, docroot: 'web', shared: ['web/app/uploads'] },
    ],
    [
      'in Python',
      { 'app.py': 'from flask import Flask\napp = Flask(__name__)\n', 'requirements.txt': 'flask', 'static/a.css': '' },
      { ...plainPhp, name: 'a Python application', runtime: 'python', program: 'app:app', docroot: 'static' },
    ],
    [
      'of Django',
      { 'manage.py': '', 'shop/wsgi.py': 'application = get_wsgi_application()\n' },
      { ...plainPhp, name: 'a Python application', runtime: 'python', program: 'shop.wsgi:application' },
    ],
    ['in PHP, with a Python script beside it', { 'index.php': '', 'app.py': 'app = 1' }, plainPhp],
    ['of pages alone', { 'index.html': '', 'app.css': '' }, pages],
    ['of pages that a build made', { 'public/index.html': '', 'package.json': '' }, { ...pages, docroot: 'public' }],
    ['of pages with one script among them', { 'index.html': '', 'contact/send.php': '' }, plainPhp],
    ['of files that nobody can enter', { 'style.css': '' }, plainPhp],
    ['in PHP', { 'index.php': '', 'lib/a.php': '' }, plainPhp],
    ['in PHP with a folder to serve', { 'web/index.php': '', 'src/a.php': '' }, { ...plainPhp, docroot: 'web' }],
    ['with two of them', { 'public/index.php': '', 'htdocs/index.php': '' }, { ...plainPhp, docroot: 'public' }],
    [
      'with a page on its health',
      { 'public/index.php': '', 'public/health.php': '' },
      { ...plainPhp, docroot: 'public', healthPath: '/health.php' },
    ],
    ['with a folder of such a page', { 'index.php': '', 'up/index.php': '' }, { ...plainPhp, healthPath: '/up/' }],
    ['with such a page that is not served', { 'public/index.php': '', 'health.php': '' }, { ...plainPhp, docroot: 'public' }],
  ])('%s', (_, files, expected) => {
    const { name, runtime, program, docroot, shared, writable, healthPath } = recognize(Object.keys(files), (path) => files[path] ?? '');
    const { routing, rules, links, files: made, remarks, written, ...rest } = expected;
    expect({ name, runtime, ...(program !== undefined && { program }), docroot, shared, writable, healthPath }).toEqual(rest);
  });
});

test('the recognized application is described in a sentence', () => {
  expect(recognizedText(plainPhp)).toBe('This is a PHP application: the whole folder is served.');
  expect(recognizedText({ ...plainPhp, name: 'a Node.js application', program: 'node server.js' })).toBe(
    'This is a Node.js application: it is started with node server.js.',
  );
  expect(recognizedText({ ...laravel, shared: ['storage', 'x'], healthPath: '/up' })).toBe(
    'This is Laravel: public is served, storage and x are shared by all releases, bootstrap/cache can be written to and is reset on each release, /up is the health check.',
  );
});
