import {
  definePlaybook,
  directory,
  file,
  group,
  packages,
  reload,
  Secret,
  type Site,
  secret,
  service,
  sh,
  template,
  user,
} from '../src/index.ts';
import { databaseOf } from './database.ts';
import { environmentOf, environmentSecret } from './environment.ts';
import { databaseSecret, logsOf, pathsOf, userOf } from './paths.ts';
import { fpmOf } from './runtime.ts';
import { sizesOf } from './sizes.ts';

/** The largest request body, and within it the largest file. */
export const limits = { body: '34M', upload: '32M' } as const;

/** PHP-FPM: one pool a site under a user of its own, sized from memory, with the application's environment. */
export default definePlaybook({
  name: 'php',
  packages: ({ site }) => (site.php.version ? [`php${site.php.version}-fpm`] : ['php-fpm']),

  resources: ({ site, config }, facts) => {
    const php = fpmOf(site, facts);
    const paths = pathsOf(site);
    const owner = userOf(site);
    const sizes = sizesOf(facts, config.sites.length);
    const database = databaseOf(site, facts);
    const logs = logsOf(site);
    const pool = template('php/pool.conf', {
      domain: site.domain,
      user: owner,
      socket: paths.socket,
      sizing: `Half of ${facts.memory} MiB at 64 MiB a worker, for ${config.sites.length === 1 ? 'this site' : `${config.sites.length} sites`}.`,
      children: sizes.children,
      start: sizes.idle,
      spare: Math.min(sizes.children, sizes.idle * 2),
      logs,
      shared: paths.shared,
      settings: Object.entries(site.php.settings)
        .map(([name, value]) => `php_admin_value[${name}] = ${value}`)
        .join('\n'),
      environment: environmentOf(site, database),
    });
    const notify = reload(php.unit, php.checker);
    return [
      ...packages(
        `php${php.version}-fpm`,
        ...(database ? [`php${php.version}-mysql`] : []),
        ...site.php.extensions.map((name) => `php${php.version}-${name}`),
      ),
      group(owner),
      user(owner, { home: paths.home }),
      ...ownSecrets(site),
      directory('/srv/www'),
      directory(paths.home),
      directory(paths.shared, { owner, mode: '0750', group: 'www-data', holds: 'data' }),
      directory(`${paths.shared}/.sessions`, { owner, mode: '0700', holds: 'ours' }),
      directory('/var/log/php'),
      directory(logs, { owner, group: 'adm', mode: '0750', holds: 'ours' }),
      file(`${php.folder}/conf.d/90-foobar-provision.ini`, {
        content: template('php/php.ini', { memoryLimit: '128M', ...limits, timezone: config.timezone, opcache: sizes.opcache }),
        notify,
      }),
      file(`${php.folder}/pool.d/00-foobar-provision.conf`, { content: template('php/global.conf'), notify }),
      file.absent(`${php.folder}/pool.d/www.conf`, { broughtBy: `php${php.version}-fpm`, notify }),
      file(`${php.folder}/pool.d/${site.domain}.conf`, {
        content: pool,
        mode: '0600',
        secrets: secretsOf(site, database !== undefined),
        notify,
      }),
      service(php.unit, { running: true, enabled: true }),
    ];
  },

  health: ({ site }, facts) => {
    const { unit } = fpmOf(site, facts);
    return [
      { kind: 'fpm', hop: 'php-fpm', socket: pathsOf(site).socket, path: '/fpm-ping', log: sh`tail -n 10 ${`/var/log/${unit}.log`}` },
    ];
  },
});

function secretsOf(site: Site, database: boolean): readonly string[] {
  const own = Object.entries(site.app.env).flatMap(([name, value]) => (value instanceof Secret ? [environmentSecret(site, name)] : []));
  return [...(database ? [databaseSecret(site)] : []), ...own];
}

/** What the user supplied as a `Secret` is kept on the host, and the pool names it. */
function ownSecrets(site: Site) {
  return Object.entries(site.app.env).flatMap(([name, value]) =>
    value instanceof Secret ? [secret(environmentSecret(site, name), { value })] : [],
  );
}
