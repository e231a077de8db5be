import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import {
  type AptSource,
  aboutOf,
  acceptsPhp,
  aptRepository,
  bodyText,
  type Demand,
  definePlaybook,
  type Facts,
  file,
  packages,
  type Resource,
  reload,
  type Scope,
  type Site,
  service,
  sh,
  template,
  timesOf,
} from '../../../src/index.ts';
import { sessionSettings } from '../../cache/socket.ts';
import { databaseOf } from '../../database/engine.ts';
import { type Program, siteHardening } from '../../host/hardening.ts';
import { pathsOf, userOf } from '../../host/paths.ts';
import { compiledOf, runningSites, sizesOf } from '../../host/sizes.ts';
import { entering, viewOf } from '../../host/view.ts';
import { environmentFile, secretsOf } from '../environment.ts';
import { ask, type Instance, instanceOf } from '../instance.ts';
import { isOf, type Runtime, type SiteOf, siteOf } from '../runtime.ts';
import { storedLine, storedNames } from '../stored.ts';
import { poolEnvironment } from './environment.ts';
import { logsFolder, ownFolders, sessionsOf } from './folders.ts';
import { fpmCheck } from './health.ts';
import { fastcgiLocations, indexOfPhp } from './locations.ts';
import { errorsOf, fpmLogs, logsOf, logText, refusedText } from './logs.ts';
import { command, programEnvironment } from './programs.ts';
import { iniSettings, poolSettings } from './settings.ts';
import { versionOfPhp } from './version.ts';

/** The script in PHP that reports the state of opcache, and fills it. */
const opcache = '/usr/local/lib/foobar-provision/opcache.php';

/** PHP's packages and folders. PHP runs in the application's own instance, so Debian's service is stopped. */
const playbook = definePlaybook({
  name: 'php',
  roles: ['web'],
  deploys: true,
  packages: ({ site }) => {
    if (!isOf(site, 'php') || site.runtime.repository) return [];
    return [site.runtime.version ? `php${site.runtime.version}-fpm` : 'php-fpm'];
  },

  resources: ({ site, config }, facts) =>
    isOf(site, 'php')
      ? [
          ...needsOf(site, facts),
          ...ownFolders(site),
          file(opcache, { content: template('runtimes/php/opcache.php') }),
          ...(config.host.limits ? [rotation(site)] : []),
        ]
      : [],

  remarks: ({ site }, facts) => {
    if (!isOf(site, 'php')) return [];
    const { engine } = site.runtime;
    const version = versionOfPhp(site.runtime.version, facts);
    return acceptsPhp(engine, version)
      ? []
      : [
          `${site.domain} requires PHP ${engine} (composer.json), and it runs with PHP ${version}. Choose another with php.version, and name its apt repository as php.repository if the host has no other.`,
        ];
  },

  health: (scope, facts) => {
    if (!isOf(scope.site, 'php')) return [];
    const { socket, protocol, unit } = instance(scope, facts);
    return [
      fpmCheck({
        socket,
        release: { site: scope.site.domain, protocol },
        path: '/fpm-ping',
        opcache,
        log: sh`journalctl --no-pager -o cat -n 10 -u ${unit}; ${logText(scope.site)}`,
      }),
    ];
  },
});

/** Returns a name with a hash of the repository, so that two sites, or two configurations, may have different ones. */
function nameOf(repository: AptSource): string {
  return `php-${createHash('sha256').update(JSON.stringify(repository)).digest('hex').slice(0, 8)}`;
}

function needsOf(site: SiteOf<'php'>, facts: Facts): readonly Resource[] {
  const { repository, extensions } = site.runtime;
  const version = versionOfPhp(site.runtime.version, facts);
  const suffixes = ['fpm', ...(databaseOf(site, facts) ? ['mysql'] : []), ...(site.cache ? ['redis'] : []), ...extensions];
  const names = [...new Set(suffixes)].map((name) => `php${version}-${name}`);
  return [
    ...(repository ? [aptRepository(nameOf(repository), repository), ...packages.from(nameOf(repository), ...names)] : packages(...names)),
    service(`php${version}-fpm`, { running: false, enabled: false, broughtBy: `php${version}-fpm` }),
    ...command(version),
    logsFolder,
  ];
}

function rotation(site: Site): Resource {
  return file(`/etc/logrotate.d/${site.domain}-php`, {
    content: template('runtimes/php/logrotate.conf', { domain: site.domain, logs: logsOf(site), user: userOf(site) }),
    exclusive: true,
  });
}

/** FPM's master. */
const master: Program = {
  why: "# The master makes the socket and the logs and gives its workers to the site's user; it looks into one that is slow (ptrace).",
  capabilities: 'CAP_SETUID CAP_SETGID CAP_CHOWN CAP_KILL CAP_SYS_PTRACE',
  calls: ' ptrace',
  written: [fpmLogs],
};

/** PHP as a runtime: an FPM of the site's own, with one pool under the site's user, sized from memory. */
export const php = {
  playbook,
  instance,
  nginx: (site, release) => ({
    ...fastcgiLocations(site, release),
    before: '',
    tries: '$uri $uri/ =404',
    index: indexOfPhp,
    scripts: true,
    body: "# PHP's post_max_size is the same.",
  }),
  folders: (site) => [sessionsOf(site), logsOf(site)],
  needs: (domain) => [logsFolder, ...ownFolders({ domain })],
  log: logText,
  refused: refusedText,
  runsWhatIsServed: true,
} as const satisfies Runtime;

function instance(scope: Scope, facts: Facts): Instance {
  const { config } = scope;
  const site = siteOf(scope.site, 'php');
  const version = versionOfPhp(site.runtime.version, facts);
  const paths = pathsOf(site);
  const { shared, timezone = 'Etc/UTC' } = aboutOf(config, facts.others);
  const sizes = sizesOf(facts, shared);
  const times = timesOf(site.limits);
  const database = databaseOf(site, facts);
  const secrets = secretsOf(site, database);
  const settings = { ...sessionSettings(site), ...site.runtime.settings };
  const usual = programEnvironment(site, version);
  return instanceOf(site, 'php', {
    protocol: 'fastcgi',
    errors: errorsOf(site),
    needs: needsOf(site, facts),
    folders: ownFolders(site),
    files: ({ folder, template: unit, socket }) => ({
      'fpm.conf': {
        content: template('runtimes/php/fpm.conf', {
          version,
          domain: site.domain,
          template: unit,
          user: userOf(site),
          sizing: sizing(facts, shared),
          children: sizes.share,
          start: sizes.idle,
          spare: Math.min(sizes.share, sizes.idle * 2),
          logs: logsOf(site),
          slowlog: `${fpmLogs}/${site.domain}.slow.log`,
          sessions: sessionsOf(site),
          seconds: times.request,
          wait: times.wait,
          stderr: site.runtime.stderr ? template('runtimes/php/stderr.conf') : '',
          settings: poolSettings(settings),
          environment: poolEnvironment(site, database, usual, storedNames(site, facts)),
        }),
        mode: '0600',
        secrets,
      },
      'php.ini': {
        content: template('runtimes/php/php.ini', {
          memoryLimit: '128M',
          body: bodyText(site.limits),
          seconds: times.request,
          upload: '32M',
          timezone,
          opcache: compiledOf(facts, shared.php),
          settings:
            Object.keys(settings).length === 0 ? '' : `\n; php.settings of the configuration.\n${iniSettings(settings, userOf(site))}`,
        }),
      },
      environment: { content: environmentFile(site, database, usual), mode: '0600', secrets },
      [unit]: {
        content: template('runtimes/php/php.service', {
          version,
          domain: site.domain,
          folder,
          socket,
          ask,
          enter: entering(site),
          stored: storedLine(site, facts),
          wait: times.wait,
          stop: times.stop,
          sockets: posix.basename(paths.sockets),
          view: viewOf(site, php.folders(site), { kind: 'of-instance' }),
          hardening: siteHardening(scope, facts, php.folders(site), master),
        }),
      },
    }),
    notify: ({ folder, unit, socket }) =>
      reload(unit, {
        name: `php-fpm${version} -t -y ${folder}/fpm.conf`,
        roots: [paths.instances],
        // The script to preload is the release's. Only its own process finds it, and runs it confined.
        command: sh`PHP_INI_SCAN_DIR=:${folder} SOCKET=${socket} ${`php-fpm${version}`} -d opcache.preload= -t -y ${`${folder}/fpm.conf`}`,
      }),
  });
}

function sizing({ memory }: Facts, demand: Demand): string {
  const { queues } = demand;
  const count = runningSites(demand);
  const sites = count === 1 ? 'this site' : `${count} sites`;
  return `Half of ${memory} MiB at 64 MiB a worker, for ${sites}${queues === 0 ? '' : ` and ${queues} queue workers`}. At least two.`;
}
