import { createHash } from 'node:crypto';
import {
  aboutOf,
  aptRepository,
  type Config,
  type Demand,
  definePlaybook,
  directory,
  type Facts,
  identifierOf,
  packages,
  type Resource,
  reload,
  type Site,
  service,
  sh,
  template,
} from '../../../src/index.ts';
import { environmentFile, environmentOf, secretsOf } from '../../application/environment.ts';
import { siteHardening } from '../../application/hardening.ts';
import { logsOf, logText, pathsOf, userOf } from '../../application/paths.ts';
import { databaseOf } from '../../database/engine.ts';
import { sizesOf } from '../../database/sizes.ts';
import { ask, type Instance, instanceOf, opcache, type Runtime, releaseMap } from '../instance.ts';
import { fpmOf } from './fpm.ts';

/** The largest request body, and within it the largest file. */
export const limits = { body: '34M', upload: '32M' } as const;

/** PHP's packages. What runs it is the application's own instance; the service that Debian brings along stays down. */
export default definePlaybook({
  name: 'php',
  deploys: true,
  packages: ({ site }) =>
    site.app.runtime !== 'php' ? [] : site.php.repository ? [] : site.php.version ? [`php${site.php.version}-fpm`] : ['php-fpm'],

  resources: ({ site }, facts) => (site.app.runtime === 'php' ? needsOf(site, facts) : []),

  health: ({ site, config }, facts) => {
    if (site.app.runtime !== 'php') return [];
    const { socket, unit } = instance({ site, config }, facts);
    return [
      {
        kind: 'fpm',
        hop: 'php-fpm',
        socket,
        path: '/fpm-ping',
        opcache,
        log: sh`journalctl --no-pager -o cat -n 10 -u ${unit}; ${logText(site)}`,
      },
    ];
  },
});

/** After what it says, so that two sites, or two configurations, may have another one each. */
function nameOf(repository: NonNullable<Site['php']['repository']>): string {
  return `php-${createHash('sha256').update(JSON.stringify(repository)).digest('hex').slice(0, 8)}`;
}

function needsOf(site: Site, facts: Facts): readonly Resource[] {
  const { version } = fpmOf(site, facts);
  const { repository, extensions } = site.php;
  const names = ['fpm', ...(databaseOf(site, facts) ? ['mysql'] : []), ...extensions].map((name) => `php${version}-${name}`);
  return [
    ...(repository ? [aptRepository(nameOf(repository), repository), ...packages.from(nameOf(repository), ...names)] : packages(...names)),
    service(`php${version}-fpm`, { running: false, enabled: false, broughtBy: `php${version}-fpm` }),
    directory('/var/log/php', { holds: 'ours' }),
  ];
}

/** PHP as a runtime: an FPM of the site's own, with one pool under the site's user, sized from memory. */
export const php: Runtime = {
  instance,
  nginx: (site) => ({
    before: releaseMap(site),
    locations: template('runtimes/php/nginx.conf', { variable: identifierOf(site.domain), releases: pathsOf(site).releases }).trimEnd(),
    tries: '$uri $uri/ /index.php$is_args$args',
  }),
};

function instance({ site, config }: { readonly site: Site; readonly config: Config }, facts: Facts): Instance {
  const { version } = fpmOf(site, facts);
  const paths = pathsOf(site);
  const { shared, timezone } = aboutOf(config, facts.others);
  const sizes = sizesOf(facts, shared);
  const database = databaseOf(site, facts);
  const secrets = secretsOf(site, database);
  return instanceOf(site, 'php', {
    protocol: 'fastcgi',
    needs: needsOf(site, facts),
    files: ({ folder, unit, socket }) => ({
      'fpm.conf': {
        content: template('runtimes/php/fpm.conf', {
          version,
          domain: site.domain,
          unit,
          user: userOf(site),
          socket,
          sizing: sizing(facts, shared),
          children: sizes.children,
          start: sizes.idle,
          spare: Math.min(sizes.children, sizes.idle * 2),
          logs: logsOf(site),
          slowlog: `/var/log/php/${site.domain}.slow.log`,
          sessions: paths.sessions,
          settings: Object.entries(site.php.settings)
            .map(([name, value]) => `php_admin_value[${name}] = ${value}`)
            .join('\n'),
          environment: environmentOf(site, database),
        }),
        mode: '0600',
        secrets,
      },
      'php.ini': {
        content: template('runtimes/php/php.ini', { memoryLimit: '128M', ...limits, timezone, opcache: sizes.opcache }),
      },
      environment: { content: environmentFile(site, database), mode: '0600', secrets },
      [unit]: {
        content: template('runtimes/php/php.service', {
          version,
          domain: site.domain,
          folder,
          socket,
          ask,
          hardening: siteHardening(site, config, facts, 'php'),
        }),
      },
    }),
    notify: ({ folder, unit }) =>
      reload(unit, {
        name: `php-fpm${version} -t -y ${folder}/fpm.conf`,
        roots: [paths.instances],
        command: sh`PHP_INI_SCAN_DIR=:${folder} ${`php-fpm${version}`} -t -y ${`${folder}/fpm.conf`}`,
      }),
  });
}

function sizing({ memory }: Facts, { php, python, queues }: Demand): string {
  const sites = php + python === 1 ? 'this site' : `${php + python} sites`;
  return `Half of ${memory} MiB at 64 MiB a worker, for ${sites}${queues === 0 ? '' : ` and ${queues} queue workers`}. At least two.`;
}
