import type { Secret } from '../command/secret.ts';
import type { Lookup } from '../dns/lookup.ts';
import type { Transport } from '../transport/transport.ts';

/** What the checks may use. */
export interface HealthContext {
  readonly transport: Transport;
  /** The host's own addresses, from its facts. */
  readonly addresses: readonly string[];
  /** A secret that was already read from the host; `undefined` where the host has none of that name. */
  readonly secret: (name: string) => Secret | undefined;
  /** All secrets that a log of the host may hold; those of `secret` are among them. */
  readonly secrets?: readonly Secret[];
  /** Asks for a name's addresses; left out, its own nameservers are asked. */
  readonly lookUp?: (name: string) => Promise<Lookup>;
  /** `false` where this machine cannot reach the host by itself (a jump host): connections then go through SSH. */
  readonly direct?: boolean;
}
