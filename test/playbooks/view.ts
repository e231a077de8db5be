import { hostWithEveryRole, type InventoryHost } from '../../src/config/inventory.ts';
import { type Peer, peersOf } from '../../src/engine/peers.ts';
import type { View } from '../../src/engine/playbook.ts';
import type { Config, Facts, Scope, Site } from '../../src/index.ts';

/** Returns what the playbooks see of a host, by default one with every role. */
export function viewOf(
  config: Config,
  facts: Facts,
  host: InventoryHost = hostWithEveryRole('host.test'),
  peers: readonly Peer[] = [],
): View {
  return { config, facts, host, peers: peersOf(host, peers) };
}

/** Returns what a playbook sees of a site, by default the configuration's first, on a host with every role. */
export function scopeOf(config: Config, site: Site = config.sites[0]): Scope {
  const host = hostWithEveryRole('host.test');
  return { site, config, host, peers: peersOf(host, []) };
}
