import { expect, test } from 'vitest';
import { packagesOf } from '../../../src/runtimes/php/extensions.ts';

test.each([
  [
    ['gd', 'intl'],
    ['gd', 'intl'],
  ],
  // What a composer.json lists.
  [
    ['ext-ctype', 'ext-curl', 'ext-dom', 'ext-fileinfo', 'ext-json', 'ext-mbstring', 'ext-openssl', 'ext-pdo', 'ext-tokenizer', 'ext-xml'],
    ['curl', 'xml', 'mbstring'],
  ],
  [
    ['pdo_mysql', 'pdo-mysql', 'mysqli', 'mysqlnd', 'pdo_sqlite', 'session', 'hash'],
    ['mysql', 'sqlite3'],
  ],
  [['Zend-OPcache'], ['opcache']],
])('the extensions %s are in the packages %s', (extensions, packages) => {
  expect(packagesOf(extensions)).toEqual(packages);
});
