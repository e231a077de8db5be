import {
  definePlaybook,
  directory,
  type Facts,
  file,
  packages,
  quoteForUnit,
  type Resource,
  type Scope,
  template,
  versionOf,
} from '../../../src/index.ts';
import { pathsOf } from '../../host/paths.ts';
import { entering } from '../../host/view.ts';
import { becoming, httpLocations, httpProgram, logOf, programEnvironment } from '../http-program.ts';
import type { Instance } from '../instance.ts';
import { isOf, type Runtime, siteOf } from '../runtime.ts';
import { accepts } from './engine.ts';

/** The module that gives the application its socket when it listens on its port. */
const listen = '/usr/local/lib/foobar-provision/listen.cjs';

/** Node.js has the version that the host's repositories offer. */
const needs: readonly Resource[] = [
  ...packages('nodejs'),
  directory('/usr/local/lib/foobar-provision'),
  file(listen, { content: template('runtimes/node/listen.cjs') }),
];

const playbook = definePlaybook({
  name: 'node',
  roles: ['web'],
  deploys: true,
  packages: ({ site }) => (isOf(site, 'node') ? ['nodejs'] : []),
  resources: ({ site }) => (isOf(site, 'node') ? needs : []),
  remarks: ({ site }, facts) => {
    const version = versionOf(facts, 'nodejs');
    if (!isOf(site, 'node') || version === undefined || accepts(site.runtime.engine, version)) return [];
    return [
      `${site.domain} accepts Node.js ${site.runtime.engine} (engines in its package.json), and this host has ${version}. A playbook of your own can add an apt repository that has another version.`,
    ];
  },
});

/** Node.js as a runtime: the application's own server under systemd, which gives it its socket in place of its port. */
export const node = { playbook, instance, nginx: httpLocations, log: logOf('node') } as const satisfies Runtime;

function instance(scope: Scope, facts: Facts): Instance {
  const site = siteOf(scope.site, 'node');
  return httpProgram(scope, facts, 'node', {
    title: 'Node.js',
    needs,
    usual: { NODE_ENV: 'production', ...programEnvironment(site, `${pathsOf(site).current}/node_modules/.bin`) },
    start: template('runtimes/node/start.conf', {
      enter: entering(site),
      listen,
      port: site.runtime.port,
      start: quoteForUnit(becoming(site.runtime.start)),
    }),
  });
}
