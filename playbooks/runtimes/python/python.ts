import {
  aboutOf,
  definePlaybook,
  type Facts,
  packages,
  processesOf,
  type Resource,
  type Scope,
  service,
  template,
  timesOf,
} from '../../../src/index.ts';
import { databaseOf } from '../../database/engine.ts';
import { siteHardening } from '../../host/hardening.ts';
import { pathsOf, userOf } from '../../host/paths.ts';
import { sizesOf } from '../../host/sizes.ts';
import { viewOf } from '../../host/view.ts';
import { environmentFile, secretsOf } from '../environment.ts';
import { answeredByRelease, ask, type Instance, instanceOf, noFile } from '../instance.ts';
import { isOf, type Runtime, type SiteOf, siteOf } from '../runtime.ts';
import { schemeOf } from '../visitor.ts';

/** Gunicorn, the server of Python applications. */
const playbook = definePlaybook({
  name: 'python',
  roles: ['web'],
  deploys: true,
  resources: ({ site }) => (isOf(site, 'python') ? needsOf(site) : []),
});

function needsOf({ runtime }: SiteOf<'python'>): readonly Resource[] {
  return packages('gunicorn', ...runtime.packages);
}

/**
 * Python as a runtime: Gunicorn under systemd, socket-activated. It loads its code when it starts, so each release has an instance of its
 * own.
 */
export const python = {
  playbook,
  instance,
  nginx: (site) => ({
    ...answeredByRelease(site, 'runtimes/python/nginx.conf', { scheme: schemeOf(site), wait: `${timesOf(site.limits).wait}` }),
    // Without a separate docroot, no files are served: those beside the program are not for visitors.
    tries: `${site.app.source.docroot === '.' ? noFile : '$uri'} @application`,
    index: 'index.html',
    body: '',
  }),
} as const satisfies Runtime;

function instance(scope: Scope, facts: Facts): Instance {
  const { config } = scope;
  const site = siteOf(scope.site, 'python');
  const paths = pathsOf(site);
  const times = timesOf(site.limits);
  const database = databaseOf(site, facts);
  return instanceOf(site, 'python', {
    protocol: 'http',
    needs: needsOf(site),
    first: ({ folder, template: file, unit }) => [
      service(socketUnit(unit), {
        running: true,
        enabled: true,
        path: `${folder}/${socketUnit(file)}`,
        activates: `${folder}/${file}`,
      }),
    ],
    files: ({ folder, template: unit, socket }) => ({
      environment: { content: environmentFile(site, database), mode: '0600', secrets: secretsOf(site, database) },
      [socketUnit(unit)]: { content: template('runtimes/python/python.socket', { domain: site.domain, socket, user: userOf(site) }) },
      [unit]: {
        content: template('runtimes/python/python.service', {
          domain: site.domain,
          root: paths.current,
          user: userOf(site),
          socketUnit: socketUnit(unit).replace('@.', '@%i.'),
          module: site.runtime.module,
          workers: processesOf('python', {
            share: sizesOf(facts, aboutOf(config, facts.others).shared).share,
            processors: facts.processors,
          }),
          view: viewOf(site, [], { kind: 'of-instance' }),
          hardening: siteHardening(scope, facts, []),
          folder,
          socket,
          ask,
          seconds: times.request,
          wait: times.wait,
          stop: times.stop,
        }),
      },
    }),
  });
}

function socketUnit(unit: string): string {
  return unit.replace(/\.service$/, '.socket');
}
