import {
  type Config,
  definePlaybook,
  directory,
  type Facts,
  file,
  quoteForUnit,
  type Resource,
  type Scope,
  template,
} from '../../../src/index.ts';
import { claimedPort, claimResources } from '../../host/claimed-port.ts';
import { entering } from '../../host/view.ts';
import { becoming, httpLocations, httpProgram, logOf, programEnvironment } from '../http-program.ts';
import type { Instance } from '../instance.ts';
import { isOf, type Runtime, type SiteOf, siteOf } from '../runtime.ts';

/** The program that starts a site's own program and passes requests on to it. */
const serve = '/usr/local/lib/foobar-provision/serve';

const needs: readonly Resource[] = [
  directory('/usr/local/lib/foobar-provision'),
  file(serve, { content: template('runtimes/command/serve.pl'), mode: '0755' }),
];

const playbook = definePlaybook({
  name: 'command',
  roles: ['web'],
  deploys: true,
  resources: ({ site, config }, facts) => (isOf(site, 'command') ? [...needs, ...claimsOf(siteOf(site, 'command'), config, facts)] : []),
});

/** Any HTTP server as a runtime: a command under systemd, which takes the requests from a socket that systemd holds. */
export const command = { playbook, instance, nginx: httpLocations, log: logOf('command') } as const satisfies Runtime;

function instance(scope: Scope, facts: Facts): Instance {
  const site = siteOf(scope.site, 'command');
  const run = quoteForUnit(becoming(site.runtime.run));
  return httpProgram(scope, facts, 'command', {
    title: 'The program',
    needs: [...needs, ...claimsOf(site, scope.config, facts)],
    usual: programEnvironment(site),
    start: site.runtime.activated
      ? template('runtimes/command/activated.conf', { enter: entering(site), run })
      : template('runtimes/command/start.conf', { enter: entering(site), serve, run, claim: claimedPort(site, scope.config, facts) }),
  });
}

function claimsOf({ runtime }: SiteOf<'command'>, config: Config, facts: Facts): readonly Resource[] {
  return runtime.activated ? [] : claimResources(config, facts);
}
