import type { Config } from '../config/config.ts';
import type { InventoryHost } from '../config/inventory.ts';
import type { Peers } from '../engine/peers.ts';
import type { Playbook, View } from '../engine/playbook.ts';
import type { Kind } from '../engine/resource.ts';
import { forgetLists, type ReadHost, type Survey } from '../engine/survey.ts';
import type { Decision } from '../https/decide.ts';
import { kindsOf } from '../resources/index.ts';
import type { Transport } from '../transport/transport.ts';
import type { Emit } from './event.ts';

/** What an operation can use besides the hosts. */
export interface Context {
  readonly emit: Emit;
  /** Asks a person to approve. Missing if nobody can be asked. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined;
  /** Asks a person to choose one. Missing if nobody can be asked. */
  readonly choose?: ((question: string, choices: readonly string[]) => Promise<string>) | undefined;
  /** The name of the command, which the host records. */
  readonly command?: string | undefined;
  /** Aborted when the operation has to end early. */
  readonly signal: AbortSignal;
}

/** A connected host, its survey, and its desired configuration. */
export interface HostSession {
  readonly host: InventoryHost;
  /** The other hosts, by role. */
  readonly peers: Peers;
  /** The configuration with the decision about HTTPS. */
  readonly config: Config;
  /** The configuration before that decision. */
  readonly configBeforeHttps: Config;
  /** The sites whose HTTPS waits until their names point to the host, each with the changes to make in DNS. */
  readonly waiting: Decision['waiting'];
  /** The playbooks of the host's roles. */
  readonly playbooks: readonly Playbook[];
  /** The dropped playbooks (see `ResolvedConfig`), and those of roles that the host does not have. */
  readonly dropped: readonly Playbook[];
  readonly transport: Transport;
  readonly survey: Survey;
  /** Reads the host's current state. It is at least as new as the survey. */
  readonly read: ReadHost;
}

/** The hosts that an operation works on, in the order of the inventory. */
export type Fleet = readonly HostSession[];

/** Returns what the playbooks see of the host. */
export function viewOf({ host, peers, config, survey }: HostSession): View {
  return { host, peers, config, facts: survey.facts };
}

/** Returns all kinds of resources, including those of dropped playbooks, because what these created has to be removed. */
export function kindsIn({ playbooks, dropped }: HostSession): ReadonlyMap<string, Kind> {
  return kindsOf([...playbooks, ...dropped]);
}

/** Runs the work and closes the sessions when it is done or has failed. */
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
  // If the connection is dead, they stay until the next survey, which removes old ones.
  await forgetLists(transport, survey).catch(() => {});
  await transport.close();
}
