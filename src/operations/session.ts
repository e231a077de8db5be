import type { Config } from '../config/config.ts';
import type { InventoryHost } from '../config/inventory.ts';
import type { Peers } from '../engine/peers.ts';
import type { Playbook, View } from '../engine/playbook.ts';
import type { Kind } from '../engine/resource.ts';
import { forgetLists, type Survey } from '../engine/survey.ts';
import type { Decision } from '../https/decide.ts';
import { kindsOf } from '../resources/index.ts';
import type { Transport } from '../transport/transport.ts';
import type { Emit } from './event.ts';

/** What an operation may use besides the host. */
export interface Context {
  readonly emit: Emit;
  /** Asks a person to agree; left out where nobody can be asked. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined;
  /** Raised when the operation is to end early. */
  readonly signal: AbortSignal;
}

/** A host that we are connected to, its survey, and what it should become. */
export interface HostSession {
  readonly host: InventoryHost;
  /** The other hosts, by role, with their facts. */
  readonly peers: Peers;
  /** With HTTPS decided, by how the host and its names are now. */
  readonly config: Config;
  /** Before that. */
  readonly configBeforeHttps: Config;
  /** Sites whose HTTPS waits for DNS, and the records that it waits for. */
  readonly waiting: Decision['waiting'];
  /** Those of the host's roles. */
  readonly playbooks: readonly Playbook[];
  /** See `ResolvedConfig`; and those of roles that the host does not have. */
  readonly dropped: readonly Playbook[];
  readonly transport: Transport;
  readonly survey: Survey;
}

/** The hosts that an operation works on, in the order of the inventory. */
export type Fleet = readonly HostSession[];

/** Returns what the playbooks see of the host. */
export function viewOf({ host, peers, config, survey }: HostSession): View {
  return { host, peers, config, facts: survey.facts };
}

/** The kinds of resource that there are, those of the user's playbooks included: where nothing is desired any more, what they made is still to go. */
export function kindsIn({ playbooks, dropped }: HostSession): ReadonlyMap<string, Kind> {
  return kindsOf([...playbooks, ...dropped]);
}

/** Resolves to what the work does. The sessions are closed then, and also where the work fails. */
export async function inSession<T>(fleet: Fleet, work: (fleet: Fleet) => Promise<T>): Promise<T> {
  try {
    return await work(fleet);
  } finally {
    await closeAll(fleet);
  }
}

export async function closeAll(fleet: Fleet): Promise<void> {
  await Promise.all(fleet.map(({ transport, survey }) => closeConnection(transport, survey)));
}

/** Closes a connection, after removing the package lists that a survey has fetched to the host. */
export async function closeConnection(transport: Transport, survey: Pick<Survey, 'lists'>): Promise<void> {
  // Over a dead link they stay until the next survey, which removes old ones.
  await forgetLists(transport, survey).catch(() => {});
  await transport.close();
}
