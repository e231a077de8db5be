/** Extensions that are part of Debian's PHP, or of a package that every PHP here has; some have a virtual package, which is never installed. */
const builtIn = new Set(
  'calendar core ctype date exif ffi fileinfo filter ftp gettext hash iconv json libxml openssl pcntl pcre pdo phar posix random readline reflection session shmop sockets sodium spl standard sysvmsg sysvsem sysvshm tokenizer zlib'.split(
    ' ',
  ),
);

/** Extensions that come in the package of another one. */
const within: Readonly<Record<string, string>> = {
  dom: 'xml',
  mysqli: 'mysql',
  mysqlnd: 'mysql',
  pdo_mysql: 'mysql',
  pdo_pgsql: 'pgsql',
  pdo_sqlite: 'sqlite3',
  simplexml: 'xml',
  sqlite: 'sqlite3',
  xmlreader: 'xml',
  xmlwriter: 'xml',
  xsl: 'xml',
  'zend-opcache': 'opcache',
};

/** The packages of these extensions, as they are named after `php8.4-`, each once. Names are as PHP or Debian has them: `dom` is in `xml`, `ctype` needs none. */
export function packagesOf(extensions: readonly string[]): readonly string[] {
  const names = extensions.map((name) => name.toLowerCase()).filter((name) => !builtIn.has(name));
  return [...new Set(names.map((name) => within[name] ?? name.replaceAll('_', '-')))];
}
