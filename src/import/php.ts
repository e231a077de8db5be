import { packagesOf } from '../runtimes/php/extensions.ts';
import { globPattern, type Texts } from './nginx.ts';
import type { Remark } from './remark.ts';
import type { Vhost } from './web-rules.ts';

/** How the old server runs the site's PHP. */
export interface OldPhp {
  /** `8.2`; undefined if it is not known. */
  readonly version?: string;
  /** The user that PHP runs as. */
  readonly user?: string;
  /** The php.ini settings that differ from PHP's own defaults, of those that matter to a site. */
  readonly settings: Readonly<Record<string, string>>;
  /** The names of variables that the pool gives to the application. */
  readonly environment: readonly string[];
  readonly remarks: readonly Remark[];
}

/** The files with PHP's settings. */
export const phpFiles = [
  '/etc/php/*/fpm/pool.d/*.conf',
  '/etc/php/*/fpm/php.ini',
  '/etc/php/*/fpm/conf.d/*.ini',
  '/etc/php/*/apache2/php.ini',
  '/etc/php/*/apache2/conf.d/*.ini',
  '/etc/php-fpm.d/*.conf',
  '/etc/php.ini',
  '/etc/php.d/*.ini',
  '/etc/opt/remi/php*/php-fpm.d/*.conf',
  '/etc/opt/remi/php*/php.ini',
  '/etc/opt/remi/php*/php.d/*.ini',
  '/opt/cpanel/ea-php*/root/etc/php-fpm.d/*.conf',
  '/opt/cpanel/ea-php*/root/etc/php.ini',
  '/opt/plesk/php/*/etc/php-fpm.d/*.conf',
  '/opt/plesk/php/*/etc/php.ini',
  '/etc/php*/php-fpm.d/*.conf',
  '/etc/php*/php.ini',
  '/etc/php*/conf.d/*.ini',
];

/** PHP's defaults (main/main.c) of the settings that a site may depend on. Only these settings are imported. */
const defaults: Readonly<Record<string, string>> = {
  memory_limit: '128M',
  upload_max_filesize: '2M',
  post_max_size: '8M',
  max_execution_time: '30',
  max_input_vars: '1000',
  max_file_uploads: '20',
  'date.timezone': '',
  short_open_tag: '1',
  default_socket_timeout: '60',
  'session.gc_maxlifetime': '1440',
  'session.name': 'PHPSESSID',
  'mbstring.func_overload': '0',
  auto_prepend_file: '',
};

/** Debian's php.ini sets these, so they say nothing about the site. */
const debianDefaults: Readonly<Record<string, string>> = { short_open_tag: '0' };

interface Pool {
  readonly path: string;
  readonly values: ReadonlyMap<string, string>;
}

/** Returns how PHP runs for a site, according to the files of the old server. */
export function phpOf(vhost: Vhost | undefined, texts: Texts): OldPhp {
  const pools = [...texts].filter(([path]) => /fpm.*\.conf$/.test(path)).flatMap(([path, text]) => poolsIn(text, path));
  const handler = vhost?.php;
  const pool = handler?.kind === 'fpm' ? poolAt(handler.address, pools) : undefined;
  const version =
    handler?.kind === 'module'
      ? moduleVersion(texts)
      : (versionIn(pool?.path) ?? (handler?.kind === 'fpm' ? versionIn(handler.address) : undefined));
  const user = vhost?.user ?? pool?.values.get('user') ?? (handler?.kind === 'module' ? apacheUser(texts) : undefined);
  const folders =
    handler?.kind === 'module' ? [`/etc/php/${version}/apache2`] : [`/etc/php/${version}/fpm`, pool ? dirnameOf(pool.path) : ''];
  const ini = iniOf([...folders, '/etc'], texts);
  const ofPool = [...(pool?.values ?? [])].flatMap(([key, value]): [string, string][] => {
    const [, setting] = /^php_(?:admin_)?(?:value|flag)\[(.+)\]$/.exec(key) ?? [];
    return setting ? [[setting, value]] : [];
  });
  const all = new Map([...ini, ...ofPool, ...Object.entries(vhost?.settings ?? {})]);
  const settings = Object.fromEntries(
    Object.keys(defaults).flatMap((name) => {
      const value = normal(all.get(name));
      return value === undefined || value === defaults[name] || value === debianDefaults[name] ? [] : [[name, value]];
    }),
  );
  return {
    settings,
    ...(version && { version }),
    ...(user && { user }),
    environment: [...(pool?.values.keys() ?? [])].flatMap((key) => /^env\[(\w+)\]$/.exec(key)?.[1] ?? []),
    remarks:
      (all.get('open_basedir') ?? '') === ''
        ? []
        : [{ at: '', text: 'PHP has open_basedir on the old server; on the new one, the site is confined to its own folders.' }],
  };
}

function normal(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (/^(?:on|yes|true)$/i.test(value)) return '1';
  return /^(?:off|no|false|none)$/i.test(value) ? '0' : value;
}

function dirnameOf(path: string): string {
  return path.replace(/\/(?:pool\.d|php-fpm\.d|fpm)\/[^/]*$/, '');
}

function poolsIn(text: string, path: string): readonly Pool[] {
  return text
    .split(/^\[/m)
    .slice(1)
    .map((part) => ({ path, values: iniValues(part) }));
}

/** Returns the `name = value` lines of an ini file. Of several with one name, the last counts. */
function iniValues(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, quoted, bare = ''] = /^\s*([\w.]+(?:\[[\w.]+\])?)\s*=\s*(?:"([^"]*)"|([^;]*))/.exec(line) ?? [];
    if (name) values.set(name, (quoted ?? bare).trim());
  }
  return values;
}

function iniOf(folders: readonly string[], texts: Texts): ReadonlyMap<string, string> {
  const folder = folders.find((each) => each !== '' && texts.has(`${each}/php.ini`));
  if (folder === undefined) return new Map();
  const more = globPattern(`${folder}/*/*.ini`);
  const files = [...texts]
    .filter(([path]) => more.test(path) && /\/(?:conf|php)\.d\//.test(path))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return new Map([...iniValues(texts.get(`${folder}/php.ini`) ?? ''), ...files.flatMap(([, text]) => [...iniValues(text)])]);
}

/** Returns the pool that listens at an address. */
function poolAt(address: string, pools: readonly Pool[]): Pool | undefined {
  const plain = (text: string) =>
    text
      .replace(/^unix:/, '')
      .replace(/^\/var\/run\//, '/run/')
      .replace(/^(?:127\.0\.0\.1|localhost|\[::1\]):/, '')
      .replace(/[|;].*/, '');
  return pools.find(({ path, values }) => {
    const listen = (values.get('listen') ?? '').replaceAll('$pool', path.replace(/.*\/([^/]+)\.conf$/, '$1'));
    return listen !== '' && plain(listen) === plain(address);
  });
}

/** Returns the version in a path such as `/etc/php/8.2/fpm` or `/opt/remi/php82/…`. */
export function versionIn(path: string | undefined): string | undefined {
  const [, dotted, plain] = /php-?(?:\/|fpm)?(\d\.\d)|php-?(\d\d)(?!\d)/.exec(path ?? '') ?? [];
  return dotted ?? plain?.replace(/^(\d)/, '$1.');
}

function moduleVersion(texts: Texts): string | undefined {
  return [...texts.keys()].flatMap((path) => /mods-enabled\/php(\d\.\d)\.(?:load|conf)$/.exec(path)?.[1] ?? [])[0];
}

function apacheUser(texts: Texts): string | undefined {
  const exported = /^\s*export APACHE_RUN_USER=["']?([\w-]+)/m.exec(texts.get('/etc/apache2/envvars') ?? '')?.[1];
  return exported ?? /^\s*User\s+([\w-]+)/m.exec(texts.get('/etc/httpd/conf/httpd.conf') ?? '')?.[1];
}

/** The extensions that every PHP on the new server has, or that come with the database. */
const usual = new Set(['curl', 'gd', 'intl', 'mbstring', 'xml', 'zip', 'mysql', 'opcache', 'cgi-fcgi', 'pdo', 'apache2handler']);

/** Returns the extensions to add, according to the output of `php -m`, and remarks about those that no package has. */
export function extensionsIn(modules: string): { readonly extensions: readonly string[]; readonly remarks: readonly Remark[] } {
  const names = [...new Set(modules.split('\n').map((line) => line.trim().replaceAll(' ', '-').toLowerCase()))].filter(
    (name) => name !== '' && !name.startsWith('['),
  );
  const packages = packagesOf(names).filter((name) => !usual.has(name));
  const isPackage = (name: string) =>
    /^[a-z0-9-]+$/.test(name) && !/^(?:ioncube|sourceguardian|zend-guard|xcache|mysqlnd|cgi|litespeed|mcrypt$)/.test(name);
  return {
    extensions: packages.filter(isPackage).sort(),
    remarks: packages
      .filter((name) => !isPackage(name))
      .map((name) => ({ at: '', text: `PHP has the extension ${name} on the old server, which is in no package of the new one.` })),
  };
}
