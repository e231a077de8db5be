import { problemOf } from '../engine/outcome.ts';
import { nameOf } from '../engine/resource-id.ts';
import { exitCode, Problem } from '../error.ts';
import { waitForActiveRun } from './active-run.ts';
import { type Consent, confirmPlan } from './confirm-plan.ts';
import type { Result } from './event.ts';
import { executePlan } from './execute-plan.ts';
import { makePlan, type PlanOptions } from './make-plan.ts';
import type { Context, HostSession } from './session.ts';

export type DestroyRequest = PlanOptions & Consent;

/** Removes all that this configuration has made on the host, and only that. The session has no playbooks, so nothing is desired. */
export async function destroy(request: DestroyRequest, opened: HostSession, context: Context): Promise<Result> {
  const session = await waitForActiveRun(opened, context);
  const { config, transport, survey } = session;
  const plan = await makePlan(session, request, context);
  context.signal.throwIfAborted();
  if (plan.refused.length > 0) {
    throw new Problem({
      message: `These resources of ${config.name} hold data: ${plan.refused.map(({ resource }) => nameOf(resource)).join(', ')}.`,
      hint: 'Back them up, then re-run with --allow-destroy. Nothing was changed.',
    });
  }
  const result = (changed: number): Result => ({ ok: true, changed, checked: plan.checked, exitCode: exitCode.done });
  const isAbsent = plan.changes.length === 0 && !survey.remembered.manifest && !survey.remembered.pending;
  if (isAbsent || !(await confirmPlan(session, plan, request, context))) return result(0);
  if ((await executePlan(session, plan, context, { farewell: true })) === 'stale') throw problemOf({ kind: 'stale' }, transport.host, '');
  return result(plan.changes.length);
}
