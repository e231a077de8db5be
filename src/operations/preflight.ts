import type { Plan } from '../engine/plan.ts';
import { requireReady } from '../engine/preflight.ts';
import { requireSpace } from './disk-space.ts';
import type { Context, HostSession } from './session.ts';

/** Rejects if the operation was interrupted, or with a Problem if the run would fail on the host in its current state. */
export async function requireApplicable({ transport, config, survey }: HostSession, plan: Plan, { signal }: Context): Promise<void> {
  signal.throwIfAborted();
  requireReady(plan, survey, transport.host);
  await requireSpace(transport, plan, config, survey);
}
