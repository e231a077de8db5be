import { type Checker, definePlaybook, directory, file, fleetCertificate, packages, service, sh, template } from '../../src/index.ts';
import {
  addressOfHost,
  addressOfPeer,
  authority,
  clientCertificate,
  hostsWithout,
  inBrackets,
  isOnlyDatabase,
  linkFile,
  linkPort,
  linkUnit,
  requireNoOthers,
  requireSameFamily,
  secretPath,
  serverCertificate,
} from '../host/database-link.ts';
import { restartAnew } from '../host/systemd.ts';

export const linkChecker: Checker = {
  name: 'haproxy -c',
  roots: ['/etc/foobar-provision'],
  command: sh`haproxy -c -q -f ${linkFile}`,
};

/**
 * Accepts connections to the database from the web server alone. Both sides prove who they are with certificates of the fleet's CA, whose key
 * stays on this host. The database itself listens on loopback only.
 */
export default definePlaybook({
  name: 'database-access',
  roles: ['database'],
  packages: ({ config, host }) => (isOnlyDatabase(config, host) ? ['haproxy'] : []),
  secrets: ({ config, host }) =>
    isOnlyDatabase(config, host) ? [authority, ...hostsWithout(config, 'web', 'database').map(clientCertificate)] : [],

  resources: ({ config, host, peers }, facts) => {
    if (!isOnlyDatabase(config, host)) return [];
    requireNoOthers(facts, host);
    const own = addressOfHost(host, facts);
    const webs = peers.web.map(addressOfPeer);
    for (const web of webs) requireSameFamily(web, own);
    const notify = { ...restartAnew(linkUnit), checker: linkChecker };
    const content = template('database/link-server.cfg', {
      address: inBrackets(own),
      port: linkPort,
      authority: secretPath(authority),
      certificate: secretPath(serverCertificate),
      peers: webs.join(' '),
    });
    return [
      ...packages('haproxy', 'openssl'),
      service('haproxy', { running: false, enabled: false, broughtBy: 'haproxy' }),
      fleetCertificate(authority, { purpose: 'authority', notify }),
      fleetCertificate(serverCertificate, { purpose: 'server', notify }),
      ...peers.web.map(({ host: web }) => fleetCertificate(clientCertificate(web), { purpose: 'client' })),
      directory('/etc/foobar-provision'),
      file(linkFile, { content, notify }),
      file(`/etc/systemd/system/${linkUnit}`, {
        content: template('database/link.service', {
          what: 'Accepts database connections from the web server, over TLS',
          file: linkFile,
          folder: '',
          hardening: config.host.hardening ? template('database/link-hardening.conf').trimEnd() : '',
        }),
        notify,
      }),
      service(linkUnit, { running: true, enabled: true }),
    ];
  },
});
