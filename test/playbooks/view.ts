import { hostWithEveryRole, type InventoryHost } from '../../src/config/inventory.ts';
import { type Peer, peersOf } from '../../src/engine/peers.ts';
import type { View } from '../../src/engine/playbook.ts';
import type { Config, Facts, Scope, Site } from '../../src/index.ts';

/** What the playbooks see of a host: one that does everything, where nothing else is said. */
export function viewOf(
  config: Config,
  facts: Facts,
  host: InventoryHost = hostWithEveryRole('host.test'),
  peers: readonly Peer[] = [],
): View {
  return { config, facts, host, peers: peersOf(host, peers) };
}

/** What a playbook sees of a site, the configuration's first where none is named, on a host that does everything. */
export function scopeOf(config: Config, site: Site = config.sites[0]): Scope {
  const host = hostWithEveryRole('host.test');
  return { site, config, host, peers: peersOf(host, []) };
}
