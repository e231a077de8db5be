import type { Plan } from '../engine/plan.ts';
import type { HostPlan } from './confirm-plans.ts';
import { onEveryHost } from './on-every-host.ts';
import type { Context, Fleet, HostSession } from './session.ts';
import { wavesOf } from './waves.ts';

/**
 * Makes the plans of all hosts in the order in which they are executed, because a secret that the plan of one host replaces is carried to another
 * again. Resolves to the plans in the order of the hosts.
 */
export async function planInWaves<Planned extends HostPlan>(
  fleet: Fleet,
  context: Context,
  makePlan: (session: HostSession, context: Context) => Promise<Planned>,
): Promise<readonly Planned[]> {
  const planned = new Map<string, Planned>();
  for (const wave of wavesOf(fleet.map((session) => ({ session })))) {
    const plans = new Map([...planned].map(([name, { plan }]) => [name, plan]));
    const sessions = wave.map(({ session }) => withoutReplacedSecrets(session, plans));
    for (const each of await onEveryHost(sessions, context, makePlan)) planned.set(each.session.host.name, each);
  }
  return fleet.flatMap(({ host }) => planned.get(host.name) ?? []);
}

/** Returns the session in which the secrets of other hosts that their plans replace are not known yet. */
function withoutReplacedSecrets(session: HostSession, plans: ReadonlyMap<string, Plan>): HostSession {
  if (plans.size === 0) return session;
  const database = session.peers.database.map((peer) => {
    const replaced = new Set(plans.get(peer.host.name)?.changes.flatMap((change) => (isNewSecret(change) ? [change.resource.id] : [])));
    return { ...peer, secret: (name: string) => (replaced.has(name) ? undefined : peer.secret?.(name)) };
  });
  return { ...session, peers: { ...session.peers, database } };
}

function isNewSecret({ action, resource: { kind } }: Plan['changes'][number]): boolean {
  return action === 'create' && (kind === 'secret' || kind === 'fleet-certificate');
}
