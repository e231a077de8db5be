import type { Plan } from '../engine/plan.ts';
import { exitCode } from '../error.ts';
import { waitForActiveRun } from './active-run.ts';
import { checkHops } from './check-hops.ts';
import { type Consent, confirmPlan } from './confirm-plan.ts';
import { resurvey } from './connect.ts';
import type { Result } from './event.ts';
import { executePlan } from './execute-plan.ts';
import { withHttpsDecision } from './https-decision.ts';
import { httpsFollowUp } from './https-follow-up.ts';
import { isUpToDate } from './is-up-to-date.ts';
import { makePlan, type PlanOptions } from './make-plan.ts';
import { requireApplicable } from './preflight.ts';
import type { Context, HostSession } from './session.ts';
import { stalePlanCounter } from './stale-plans.ts';
import { countOf, summarize } from './summarize.ts';

export interface ApplyRequest extends PlanOptions, Consent {
  /** Where a site's names do not lead to the host yet, they are waited for. */
  readonly waitForDns?: boolean | undefined;
}

/** The main job: plan, ask, apply, verify; and once more where HTTPS has come to work by that, or by what was waited for. */
export async function apply(request: ApplyRequest, opened: HostSession, context: Context): Promise<Result> {
  const { host } = opened.transport;
  const countStale = stalePlanCounter(host);
  let session = await waitForActiveRun(opened, context);
  let changed = 0;
  for (let round = request; ; ) {
    const early = checkHopsEarly(session);
    const plan = await makePlan(session, round, context);
    const hasChanged = !isUpToDate(plan, session.survey);
    if (!hasChanged) context.emit({ event: 'plan', host, plan });
    else {
      if (!(await agree(session, plan, round, context))) return { ok: true, changed, checked: plan.checked, exitCode: exitCode.done };
      const outcome = await executePlan(session, plan, context);
      session = await resurvey(session);
      // Another run came between the plan and this one: what was agreed to is no longer what would be done.
      if (outcome === 'stale') {
        countStale();
        session = await withHttpsDecision(session, session.config);
        continue;
      }
      changed += countOf(plan);
    }
    const next = await httpsFollowUp(session, { hasChanged, waitForDns: request.waitForDns }, context);
    if (next) {
      session = next;
      // What follows from a plan that was agreed to is not asked about again, and is no part of a saved one.
      round = { ...request, saved: undefined, approved: true };
      continue;
    }
    if (!hasChanged) return summarize(plan, changed, await early, host, context.emit);
    context.emit({ event: 'stage', text: 'verifying' });
    return summarize(plan, changed, await checkHops(session), host, context.emit);
  }
}

/** Checks the hops while the host is read: where nothing changes, they are the answer. */
function checkHopsEarly(session: HostSession): ReturnType<typeof checkHops> {
  const hops = checkHops(session);
  hops.catch(() => {});
  return hops;
}

/** Resolves to whether the plan may be applied. Rejects with a Problem where the host could not take it. */
async function agree(session: HostSession, plan: Plan, request: ApplyRequest, context: Context): Promise<boolean> {
  await requireApplicable(session, plan, context);
  return confirmPlan(session, plan, request, context);
}
