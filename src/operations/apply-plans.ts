import { exceptSites } from '../engine/except-sites.ts';
import { checkHops } from './check-hops.ts';
import { type Consent, confirmPlans, type HostPlan } from './confirm-plans.ts';
import { executePlans } from './execute-plans.ts';
import { domainsOf, type FailedSite, unbuiltSites } from './failed-site.ts';
import { withHttpsDecision } from './https-decision.ts';
import { isUpToDate } from './is-up-to-date.ts';
import { makePlan, type PlanOptions } from './make-plan.ts';
import { onEveryHost } from './on-every-host.ts';
import { planInWaves } from './plan-in-waves.ts';
import { requireApplicable } from './preflight.ts';
import type { Context, Fleet, HostSession } from './session.ts';
import { retryStale } from './stale-plans.ts';
import { countOf } from './summarize.ts';
import { resurvey } from './survey-host.ts';
import { withPeers } from './with-peers.ts';

export type ApplyOptions = PlanOptions & Consent;

interface Planned extends HostPlan {
  /** True if the plan has to be applied, because it changes the host or the record there. */
  readonly hasChanged: boolean;
  /** The hops, which are checked while the host is read. They count if nothing changes. */
  readonly early: ReturnType<typeof checkHops>;
}

interface Applied extends Planned {
  readonly isStale: boolean;
  /** False if the user did not approve the plans, so that none was applied. */
  readonly isAgreed: boolean;
  /** The number of changes that were made. */
  readonly made: number;
  /** The sites that failed while the run went on for the others. */
  readonly failed: readonly FailedSite[];
}

/**
 * Makes a plan for every host, asks once about those that change something, and applies them. If another run has changed a host in the
 * meantime, that host is planned and asked about again; `countStale` throws if this happens too often. Rejects with a Problem if a plan
 * cannot be applied.
 */
export async function applyPlans(
  fleet: Fleet,
  options: ApplyOptions,
  countStale: (host: string) => void,
  context: Context,
): Promise<readonly Applied[]> {
  // The approved plan is no longer the current one.
  const refresh = (session: HostSession) => withHttpsDecision(session, session.configBeforeHttps);
  return retryStale(fleet, (hosts) => planAndApply(hosts, options, context), { refresh, countStale }, context);
}

async function planAndApply(fleet: Fleet, options: ApplyOptions, context: Context): Promise<readonly Applied[]> {
  const plans = await planInWaves(fleet, context, (session, hostContext) => planHost(session, options, hostContext));
  const due = plans.filter(({ hasChanged }) => hasChanged);
  for (const { session, plan, hasChanged } of plans) if (!hasChanged) context.emit({ event: 'plan', host: session.transport.host, plan });
  await onEveryHost(due, context, ({ session, plan }, hostContext) => requireApplicable(session, plan, hostContext));
  if (due.length > 0 && !(await confirmPlans(due, options, context)))
    return plans.map((each) => ({ ...each, isStale: false, isAgreed: false, made: 0, failed: [] }));
  const outcomes = await executePlans(due, context);
  const applied = await onEveryHost(plans, context, async (each) => {
    const { isStale, failed } = outcomes[due.indexOf(each)] ?? { isStale: false, failed: unbuiltSites(each.session.config) };
    return {
      ...each,
      isStale,
      isAgreed: true,
      failed,
      made: each.hasChanged && !isStale ? countOf(exceptSites(each.plan, domainsOf(failed))) : 0,
      session: each.hasChanged ? await resurvey(each.session) : each.session,
    };
  });
  const sessions = withPeers(applied.map(({ session }) => session));
  return applied.map((each, index) => ({ ...each, session: sessions[index] ?? each.session }));
}

async function planHost(session: HostSession, options: ApplyOptions, context: Context): Promise<Planned> {
  const early = checkHops(session, { readsLogs: false });
  early.catch(() => {});
  const plan = await makePlan(session, options, context);
  return { session, plan, early, hasChanged: !isUpToDate(plan, session.survey) };
}
