import {
  aboutOf,
  definePlaybook,
  type Facts,
  packages,
  processesOf,
  type Resource,
  type Scope,
  template,
  timesOf,
} from '../../../src/index.ts';
import { sizesOf } from '../../host/sizes.ts';
import { entering } from '../../host/view.ts';
import { httpLocations, httpProgram, logOf } from '../http-program.ts';
import type { Instance } from '../instance.ts';
import { isOf, type Runtime, type SiteOf, siteOf } from '../runtime.ts';

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

/** Python as a runtime: Gunicorn under systemd, socket-activated. */
export const python = { playbook, instance, nginx: httpLocations, log: logOf('python') } as const satisfies Runtime;

function instance(scope: Scope, facts: Facts): Instance {
  const site = siteOf(scope.site, 'python');
  const times = timesOf(site.limits);
  return httpProgram(scope, facts, 'python', {
    title: 'Python',
    needs: needsOf(site),
    start: template('runtimes/python/start.conf', {
      enter: entering(site),
      domain: site.domain,
      module: site.runtime.module,
      workers: processesOf('python', {
        share: sizesOf(facts, aboutOf(scope.config, facts.others).shared).share,
        processors: facts.processors,
      }),
      seconds: times.request,
      wait: times.wait,
    }),
  });
}
