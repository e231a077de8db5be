import type { Secret } from '../command/secret.ts';
import type { InventoryHost, Role } from '../config/inventory.ts';
import type { Facts } from '../facts/facts.ts';

/** Another server of the configuration. */
export interface Peer {
  readonly host: InventoryHost;
  /** Missing if the command does not work on that server, because `--host` names another one. */
  readonly facts?: Facts | undefined;
  /** Returns a secret of that server, if it is known. */
  readonly secret?: ((name: string) => Secret | undefined) | undefined;
  /** All of its secrets that are known. */
  readonly secrets?: readonly Secret[] | undefined;
}

/** The other servers of the configuration, by role. */
export type Peers = Readonly<Record<Role, readonly Peer[]>>;

/** Returns the other servers among these, by role. */
export function peersOf({ name }: InventoryHost, all: readonly Peer[]): Peers {
  const others = (role: Role) => all.filter(({ host }) => host.name !== name && host.roles.includes(role));
  return { balancer: others('balancer'), web: others('web'), database: others('database'), cache: others('cache') };
}
