import { describe, expect, test } from 'vitest';
import { extensionsIn, phpOf, versionIn } from '../../src/import/php.ts';
import { newVhost, type PhpHandler } from '../../src/import/web-rules.ts';

const vhost = (php: PhpHandler, settings = {}) => ({ ...newVhost({ server: 'nginx', at: '', names: [], isTls: false }), php, settings });

describe('the version in a path', () => {
  test.each([
    ['/etc/php/8.2/fpm/pool.d/www.conf', '8.2'],
    ['unix:/run/php/php7.4-fpm.sock', '7.4'],
    ['/var/opt/remi/php81/run/php-fpm/www.sock', '8.1'],
    ['/opt/cpanel/ea-php74/root/etc/php-fpm.d/a.conf', '7.4'],
    ['/run/php-fpm/www.sock', undefined],
  ])('%s', (path, version) => {
    expect(versionIn(path)).toBe(version);
  });
});

describe('PHP of a site', () => {
  test('is that of the pool that listens at the address, with its user, settings and variables', () => {
    const texts = new Map([
      ['/etc/php/8.2/fpm/php.ini', 'memory_limit = 128M\nupload_max_filesize = 20M ; comment\nshort_open_tag = Off\n'],
      ['/etc/php/8.2/fpm/conf.d/99-own.ini', 'max_input_vars=5000\n'],
      ['/etc/php/8.2/fpm/pool.d/www.conf', '[www]\nuser = www-data\nlisten = /run/php/www.sock\n'],
      [
        '/etc/php/8.2/fpm/pool.d/a.conf',
        '[a]\nuser = anna\nlisten = /run/php/$pool.sock\nphp_admin_value[memory_limit] = 512M\nenv[TOKEN] = "x"\nphp_admin_value[open_basedir] = /srv\n',
      ],
    ]);
    const php = phpOf(vhost({ kind: 'fpm', address: 'unix:/var/run/php/a.sock' }, { max_execution_time: '120' }), texts);
    expect(php).toMatchObject({
      version: '8.2',
      user: 'anna',
      settings: { memory_limit: '512M', upload_max_filesize: '20M', max_input_vars: '5000', max_execution_time: '120' },
      environment: ['TOKEN'],
    });
    expect(php.remarks).toHaveLength(1);
  });

  test('is that of the module of Apache, with its own php.ini', () => {
    const texts = new Map([
      ['/etc/apache2/mods-enabled/php8.1.load', 'LoadModule php_module x\n'],
      ['/etc/apache2/envvars', 'export APACHE_RUN_USER=www-data\n'],
      ['/etc/php/8.1/apache2/php.ini', 'date.timezone = "Europe/Berlin"\n'],
    ]);
    expect(phpOf(vhost({ kind: 'module' }), texts)).toMatchObject({
      version: '8.1',
      user: 'www-data',
      settings: { 'date.timezone': 'Europe/Berlin' },
    });
  });
});

test('extensions are those that the new server has to install, as packages', () => {
  const { extensions, remarks } = extensionsIn(
    '[PHP Modules]\nCore\ndate\nredis\nSimpleXML\nmysqli\nbcmath\nzip\n\n[Zend Modules]\nZend OPcache\nionCube Loader\n',
  );
  expect(extensions).toEqual(['bcmath', 'redis']);
  expect(remarks.map(({ text }) => text)).toEqual([expect.stringContaining('ioncube-loader')]);
});
