import type { Plan } from '../engine/plan.ts';
import { requireReady } from '../engine/preflight.ts';
import { requireSpace } from './disk-space.ts';
import type { Context, HostSession } from './session.ts';

/** Rejects where the plan is not to be applied any more, or with a Problem where the host, as it is, could not take it. */
export async function requireApplicable({ transport, config, survey }: HostSession, plan: Plan, { signal }: Context): Promise<void> {
  signal.throwIfAborted();
  requireReady(plan, survey, transport.host);
  await requireSpace(transport, plan, config, survey);
}
