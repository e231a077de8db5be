import { identifierOf, type ProxiedAddress, type Site, template } from '../../src/index.ts';
import { schemeOf } from '../runtimes/visitor.ts';
import { workerSocket } from './worker-socket.ts';

/** Returns the part before the servers for addresses that other programs answer. */
export function upgrades(site: Site): string {
  if (!site.web.proxy?.length) return '';
  return `# Whether a request asks for a WebSocket.\nmap $http_upgrade ${connectionOf(site)} { default upgrade; "" ""; }\n\n`;
}

/** Returns the `location` blocks for these addresses. */
export function proxiedAddresses(site: Site): string {
  return (site.web.proxy ?? [])
    .map(({ path, to }) =>
      template('web/proxied-address.conf', {
        path,
        connection: connectionOf(site),
        scheme: schemeOf(site),
        pattern: path.replaceAll('.', '\\.'),
        what: to.kind === 'worker' ? `The worker ${to.name}` : `The program on port ${to.port}`,
        target: targetOf(site, to),
      }),
    )
    .join('\n');
}

function connectionOf({ domain }: Site): string {
  return `$${identifierOf(domain)}_connection`;
}

function targetOf(site: Site, to: ProxiedAddress['to']): string {
  if (to.kind === 'port') return `http://127.0.0.1:${to.port}`;
  const listens = site.workers[to.name]?.listens;
  return listens?.kind === 'port' ? `http://127.0.0.1:${listens.port}` : `http://unix:${workerSocket(site, to.name).path}`;
}
