import { exceptSites } from '../engine/except-sites.ts';
import { problemOf } from '../engine/outcome.ts';
import { nameOf } from '../engine/resource-id.ts';
import { Problem } from '../error.ts';
import { waitForActiveRun } from './active-run.ts';
import { type Consent, confirmPlans, type HostPlan } from './confirm-plans.ts';
import type { Result } from './event.ts';
import { executePlans } from './execute-plans.ts';
import { domainsOf } from './failed-site.ts';
import { makePlan, type PlanOptions } from './make-plan.ts';
import { onEveryHost } from './on-every-host.ts';
import { onlyHost } from './only-host.ts';
import type { Context, Fleet } from './session.ts';
import { doneResult, totalOf, withSites } from './summarize.ts';

export type DestroyRequest = PlanOptions & Consent;

/**
 * Removes everything that this configuration has created on the hosts, and nothing else. The sessions have no playbooks, so nothing is
 * desired.
 */
export async function destroy(request: DestroyRequest, opened: Fleet, context: Context): Promise<Result> {
  if (request.saved) onlyHost(opened, 'A saved plan');
  const fleet = await onEveryHost(opened, context, waitForActiveRun);
  const plans = await onEveryHost(fleet, context, async (session, hostContext) => ({
    session,
    plan: await makePlan(session, request, hostContext),
  }));
  context.signal.throwIfAborted();
  requireNothingRefused(plans);
  const due = plans.filter((each) => !isAbsent(each));
  const isAgreed = due.length > 0 && (await confirmPlans(due, request, context));
  const runs = isAgreed ? due.map((each) => ({ ...each, execution: { removesConfiguration: true } })) : [];
  const outcomes = await executePlans(runs, context);
  const stale = runs.find((_, index) => outcomes[index]?.isStale);
  if (stale) throw problemOf({ kind: 'stale' }, stale.session.transport.host, '');
  return totalOf(
    plans.map(({ session, plan }) => {
      const { failed } = outcomes[runs.findIndex((run) => run.session === session)] ?? { failed: [] };
      const { changes } = exceptSites(plan, domainsOf(failed));
      const result = doneResult(session.transport.host, isAgreed ? changes.length : 0, plan.checked);
      return withSites(result, session.config, [], failed);
    }),
  );
}

function requireNothingRefused(plans: readonly HostPlan[]): void {
  const [first] = plans.filter(({ plan }) => plan.refused.length > 0);
  if (!first) return;
  throw new Problem({
    message: `These resources of ${first.session.config.name} hold data: ${first.plan.refused.map(({ resource }) => nameOf(resource)).join(', ')}.`,
    hint: 'Back them up, then re-run with --allow-destroy.',
  });
}

/** Returns whether the host has nothing of the configuration. */
function isAbsent({ session: { survey }, plan }: HostPlan): boolean {
  return plan.changes.length === 0 && !survey.remembered.manifest && !survey.remembered.pending;
}
