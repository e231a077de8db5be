import { definePlaybook, directory, file, type InventoryHost, nftables, packages, service, template } from '../../src/index.ts';

/** The folder in which the host's owner adds rules. */
const rulesFolder = '/etc/nftables.d';

/**
 * The firewall: it allows SSH on the ports where sshd listens, and HTTP and HTTPS on servers that visitors connect to. It is left out if the
 * host already has another packet filter.
 */
export default definePlaybook({
  name: 'firewall',

  resources: ({ config, host }, { ssh, firewall }) => {
    if (!config.host.firewall || firewall !== undefined || ssh.ports.length === 0) return [];
    const web = meetsVisitors(host) ? `\n${template('host/nftables-web.conf').trimEnd()}` : '';
    const content = template('host/nftables.conf', { own: rulesFolder, ssh: ssh.ports.join(', '), web });
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

/** Returns whether visitors connect to a server with these roles. */
function meetsVisitors({ roles }: InventoryHost): boolean {
  return roles.includes('web') || roles.includes('balancer');
}
