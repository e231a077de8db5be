import { type Config, directory, type Facts, file, type Resource, type Site, template } from '../../src/index.ts';
import { hasOwnFirewall } from './firewall.ts';
import { claimsFolder, userOf } from './paths.ts';

/** The program with which a unit claims its port in the firewall. */
const claim = '/usr/local/lib/foobar-provision/claim-port';

/**
 * Returns the lines with which the unit of a site's program claims its TCP port, so that programs of other sites do not reach it. Without a
 * port, a free one is chosen, and named in CLAIMED_PORT. Empty if the firewall is not this program's.
 */
export function claimedPort(site: Site, config: Config, facts: Facts, port?: number): string {
  if (!hasOwnFirewall(config, facts)) return '';
  return template('host/claim-port.conf', {
    claim,
    user: userOf(site),
    port: port === undefined ? '' : ` ${port}`,
    // A fixed port stays claimed while its program is down, because Nginx still passes requests to it.
    release: port === undefined ? `ExecStopPost=+${claim} release %n` : '',
    environment: port === undefined ? `EnvironmentFile=-${claimsFolder}/%n.env` : '',
  }).trimEnd();
}

/** Returns what these lines need on the host. */
export function claimResources(config: Config, facts: Facts): readonly Resource[] {
  if (!hasOwnFirewall(config, facts)) return [];
  return [
    directory('/usr/local/lib/foobar-provision'),
    file(claim, { content: template('host/claim-port.sh', { claims: claimsFolder }), mode: '0755' }),
  ];
}
