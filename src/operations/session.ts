import type { Config } from '../config/config.ts';
import type { Playbook } from '../engine/playbook.ts';
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
  /** With HTTPS decided, by how the host and its names are now. */
  readonly config: Config;
  /** Before that. */
  readonly configBeforeHttps: Config;
  /** Sites whose HTTPS waits for DNS, and the records that it waits for. */
  readonly waiting: Decision['waiting'];
  readonly playbooks: readonly Playbook[];
  /** See `ResolvedConfig`. */
  readonly dropped?: readonly Playbook[];
  readonly transport: Transport;
  readonly survey: Survey;
}

/** The kinds of resource that there are, those of the user's playbooks included: where nothing is desired any more, what they made is still to go. */
export function kindsIn({ playbooks, dropped = [] }: HostSession): ReadonlyMap<string, Kind> {
  return kindsOf([...playbooks, ...dropped]);
}

/** Resolves to what the work does. The session is closed then, and also where the work fails. */
export async function inSession<T>(session: HostSession, work: (session: HostSession) => Promise<T>): Promise<T> {
  try {
    return await work(session);
  } finally {
    await closeConnection(session.transport, session.survey);
  }
}

/** Closes a connection, after removing the package lists that a survey has fetched to the host. */
export async function closeConnection(transport: Transport, survey: Pick<Survey, 'lists'>): Promise<void> {
  // Over a dead link they stay until the next survey, which removes old ones.
  await forgetLists(transport, survey).catch(() => {});
  await transport.close();
}
