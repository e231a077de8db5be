import { isIP } from 'node:net';
import {
  type Config,
  definePlaybook,
  directory,
  type Facts,
  file,
  meetsVisitors,
  nftables,
  packages,
  type Scope,
  service,
  template,
} from '../../src/index.ts';
import { addressOfPeer, isOnlyDatabase, linkPort } from './database-link.ts';
import { claimsFolder } from './paths.ts';

/** The folder in which the host's owner adds rules. */
const rulesFolder = '/etc/nftables.d';

/**
 * The firewall: it allows SSH on the ports where sshd listens, and HTTP and HTTPS on servers that visitors connect to. It is left out if the
 * host already has another packet filter.
 */
export default definePlaybook({
  name: 'firewall',

  resources: (scope, facts) => {
    const { config, host } = scope;
    if (!hasOwnFirewall(config, facts)) return [];
    const { ssh } = facts;
    const web = meetsVisitors(host) ? `\n${template('host/nftables-web.conf').trimEnd()}` : '';
    const content = template('host/nftables.conf', {
      ...{ own: rulesFolder, ssh: ssh.ports.join(', '), claims: claimsFolder },
      web: `${web}${peerRules(scope)}`,
    });
    return [
      ...packages('nftables'),
      directory(rulesFolder),
      file('/etc/nftables.conf', { content, mode: '0755' }),
      nftables('foobar_provision', { file: '/etc/nftables.conf', content }),
      service('nftables', { running: true, enabled: true }),
    ];
  },

  remarks: ({ config, host }, { ssh, firewall }) => {
    if (!config.host.firewall) return [];
    if (firewall !== undefined)
      return [
        `This host already has a firewall (${firewall}), which is left as it is: allow ${meetsVisitors(host) ? 'SSH, 80 and 443' : 'SSH'} there.`,
      ];
    return ssh.ports.length === 0 ? ["The port of this host's SSH server is not known, so no firewall is set up."] : [];
  },
});

/** Returns the rules for the other servers of the configuration. */
function peerRules({ config, host, peers }: Scope): string {
  if (!isOnlyDatabase(config, host)) return '';
  return peers.web
    .map((peer) => {
      const address = addressOfPeer(peer);
      return `\n# The applications on ${peer.host.name} use the database here.\n${isIP(address) === 6 ? 'ip6' : 'ip'} saddr ${address} tcp dport ${linkPort} accept`;
    })
    .join('');
}

/** Returns whether the host's firewall is this one. */
export function hasOwnFirewall(config: Config, { ssh, firewall }: Facts): boolean {
  return config.host.firewall && firewall === undefined && ssh.ports.length > 0;
}
