import {
  definePlaybook,
  type Facts,
  file,
  type Handler,
  quoteForUnit,
  type Resource,
  type Scope,
  type Site,
  service,
  template,
  type Worker,
} from '../../src/index.ts';
import { claimedPort, claimResources } from '../host/claimed-port.ts';
import { hasOwnFirewall } from '../host/firewall.ts';
import { siteHardening } from '../host/hardening.ts';
import { pathsOf, userOf } from '../host/paths.ts';
import { restartAnew } from '../host/systemd.ts';
import { entering, viewOf } from '../host/view.ts';
import { environmentPath, foldersOf } from '../runtimes/index.ts';
import { storedLine } from '../runtimes/stored.ts';
import { programChecks } from '../web/program-health.ts';
import { workerSocket } from '../web/worker-socket.ts';

/** The background jobs of a site: queue workers and scheduled commands. They run as the site's user and with its environment. */
export default definePlaybook({
  name: 'workers',
  roles: ['web'],
  deploys: true,

  resources: (scope, facts) => {
    const { site } = scope;
    if (Object.keys(site.workers).length + Object.keys(site.cron).length === 0) return [];
    const environment = environmentPath(scope, facts);
    const stored = storedLine(site, facts);
    const hardening = siteHardening(scope, facts, foldersOf(site));
    const hasPort = Object.values(site.workers).some(({ listens }) => listens?.kind === 'port');
    return [
      ...(hasPort ? claimResources(scope.config, facts) : []),
      ...Object.entries(site.workers).flatMap(([name, { command, count, listens }]): readonly Resource[] => [
        file(unitPath(`${unitName(site, name)}@.service`), {
          content: unit(site, name, {
            command,
            environment,
            stored,
            hardening,
            type: 'simple',
            restart: 'Restart=always\nRestartSec=2',
            install: installed,
            listens: listeningOf(scope, facts, name, listens),
          }),
          notify: restarts(site, name, count),
          exclusive: true,
        }),
        ...Array.from({ length: count }, (_, index) =>
          service(`${unitName(site, name)}@${index + 1}`, {
            running: true,
            enabled: true,
            ...(listens?.kind === 'port' && { ports: [{ port: listens.port, on: 'loopback' as const }] }),
          }),
        ),
      ]),
      ...Object.entries(site.cron).flatMap(([name, { command, calendar }]): readonly Resource[] => {
        const timer = `${unitName(site, name)}.timer`;
        return [
          file(unitPath(`${unitName(site, name)}.service`), {
            content: unit(site, name, { command, environment, stored, hardening, type: 'oneshot', restart: '', install: '', listens: '' }),
            notify: restartAnew(timer),
            exclusive: true,
          }),
          file(unitPath(timer), {
            content: template('application/cron.timer', {
              name,
              domain: site.domain,
              schedule: calendar.join(' and '),
              events: calendar.map((event) => `OnCalendar=${event}`).join('\n'),
            }),
            notify: restartAnew(timer),
            exclusive: true,
          }),
          service(timer, { running: true, enabled: true }),
        ];
      }),
    ];
  },

  remarks: ({ site, config }, facts) => {
    const { others = [] } = facts;
    if (hasOwnFirewall(config, facts)) return [];
    const sites = config.sites.length + others.reduce((sum, { domains }) => sum + domains.length, 0);
    const open = Object.entries(site.workers).flatMap(([name, { listens }]) =>
      listens?.kind === 'port' ? [`${name} (${listens.port})`] : [],
    );
    return sites > 1 && open.length > 0
      ? [
          `Workers of ${site.domain} that listen on a port can be reached by programs of the other sites on this host: ${open.join(', ')}. Leave out the port, and web.proxy uses a socket that only the site and Nginx reach.`,
        ]
      : [];
  },

  health: ({ site }) => programChecks(site),
});

/** Returns the handlers of a switch to another release: every worker restarts in the new release after it has finished its current job. */
export function workersOf(site: Site): readonly Handler[] {
  return Object.entries(site.workers).flatMap(([name, { count }]) => restarts(site, name, count));
}

const installed = '[Install]\nWantedBy=multi-user.target';

interface Unit {
  readonly command: string;
  readonly environment: string;
  readonly stored: string;
  readonly type: 'simple' | 'oneshot';
  readonly restart: string;
  readonly install: string;
  readonly listens: string;
  readonly hardening: string;
}

/** Returns the lines of a worker's unit that tell it where to listen for requests. */
function listeningOf({ site, config }: Scope, facts: Facts, name: string, listens: Worker['listens']): string {
  if (listens === undefined) return '';
  if (listens.kind === 'port') return `Environment=PORT=${listens.port}\n${claimedPort(site, config, facts, listens.port)}`.trimEnd();
  const { folder, path } = workerSocket(site, name);
  return template('application/worker-socket.conf', { folder, path, user: userOf(site) }).trimEnd();
}

function unit(site: Site, name: string, { command, ...rest }: Unit): string {
  const { current } = pathsOf(site);
  return template('application/worker.service', {
    name,
    domain: site.domain,
    user: userOf(site),
    root: current,
    view: viewOf(site, foldersOf(site), { kind: 'live' }),
    enter: entering(site),
    command: quoteForUnit(command),
    ...rest,
  });
}

function unitName({ domain }: Site, name: string): string {
  return `${domain}-${name}`;
}

function unitPath(name: string): string {
  return `/etc/systemd/system/${name}`;
}

function restarts(site: Site, name: string, count: number): readonly Handler[] {
  return Array.from({ length: count }, (_, index) => restartAnew(`${unitName(site, name)}@${index + 1}.service`));
}
