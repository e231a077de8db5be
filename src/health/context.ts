import type { Secret } from '../command/secret.ts';
import type { Lookup } from '../dns/lookup.ts';
import type { Transport } from '../transport/transport.ts';

/** What the checks may use. */
export interface HealthContext {
  readonly transport: Transport;
  /** The host's own addresses, from its facts. */
  readonly addresses: readonly string[];
  /** Returns a secret that was read from the host, or undefined if the host has none with this name. */
  readonly secret: (name: string) => Secret | undefined;
  /** All secrets that a log of the host may contain, including those that `secret` returns. */
  readonly secrets?: readonly Secret[];
  /** Looks up a name. By default its authoritative nameservers are asked. */
  readonly lookUp?: (name: string) => Promise<Lookup>;
  /** `false` if this machine cannot reach the host directly (behind a jump host): then connections go through SSH. */
  readonly direct?: boolean;
  /** `false` if the log of a healthy application is not read, because that takes another round trip. */
  readonly readsLogs?: boolean;
}
