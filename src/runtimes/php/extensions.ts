/**
 * Extensions that are part of Debian's PHP, or of a package that every PHP here has. Some of them also have a virtual package, which is
 * never installed.
 */
const builtIn = new Set(
  'calendar core ctype date exif ffi fileinfo filter ftp gettext hash iconv json libxml openssl pcntl pcre pdo phar posix random readline reflection session shmop sockets sodium spl standard sysvmsg sysvsem sysvshm tokenizer zlib'.split(
    ' ',
  ),
);

/** Extensions that come in the package of another one. */
const packageOf: Readonly<Record<string, string>> = {
  dom: 'xml',
  mysqli: 'mysql',
  mysqlnd: 'mysql',
  'pdo-dblib': 'sybase',
  'pdo-firebird': 'interbase',
  'pdo-mysql': 'mysql',
  'pdo-odbc': 'odbc',
  'pdo-pgsql': 'pgsql',
  'pdo-sqlite': 'sqlite3',
  simplexml: 'xml',
  sqlite: 'sqlite3',
  xmlreader: 'xml',
  xmlwriter: 'xml',
  xsl: 'xml',
  'zend-opcache': 'opcache',
};

/**
 * Returns the packages of these extensions without their `php8.4-` prefix, each once. Names may be those of PHP, Composer or Debian: `dom`
 * is in `xml`, `ext-pdo_mysql` in `mysql`, and `ctype` needs no package.
 */
export function packagesOf(extensions: readonly string[]): readonly string[] {
  const names = extensions.map((name) => name.toLowerCase().replace(/^ext-/, '').replaceAll('_', '-')).filter((name) => !builtIn.has(name));
  return [...new Set(names.map((name) => packageOf[name] ?? name))];
}
