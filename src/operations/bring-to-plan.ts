import { everywhere } from './barrier.ts';
import { checkHops } from './check-hops.ts';
import { type Consent, confirmPlans, type HostPlan } from './confirm-plans.ts';
import { executePlans } from './execute-plans.ts';
import { withHttpsDecision } from './https-decision.ts';
import { isUpToDate } from './is-up-to-date.ts';
import { makePlan, type PlanOptions } from './make-plan.ts';
import { requireApplicable } from './preflight.ts';
import type { Context, Fleet, HostSession } from './session.ts';
import { countOf } from './summarize.ts';
import { resurvey } from './survey-host.ts';

export type ApplyOptions = PlanOptions & Consent;

interface Planned extends HostPlan {
  /** True if the plan has to be applied, because it changes the host or the record there. */
  readonly hasChanged: boolean;
  /** The hops, which are checked while the host is read. They count if nothing changes. */
  readonly early: ReturnType<typeof checkHops>;
}

interface Brought extends Planned {
  /** The number of changes that were made. */
  readonly made: number;
}

/**
 * Makes a plan for every host, asks once about those that change something, and applies them. If another run has changed a host in the
 * meantime, that host is planned and asked about again; `countStale` throws if this happens too often. Rejects with a Problem if a plan
 * cannot be applied.
 */
export async function bringToPlan(
  fleet: Fleet,
  options: ApplyOptions,
  countStale: (host: string) => void,
  context: Context,
): Promise<{ readonly isAgreed: boolean; readonly hosts: readonly Brought[] }> {
  const plans = await everywhere(fleet, context, (session, own) => planHost(session, options, own));
  const due = plans.filter(({ hasChanged }) => hasChanged);
  for (const { session, plan, hasChanged } of plans) if (!hasChanged) context.emit({ event: 'plan', host: session.transport.host, plan });
  await everywhere(due, context, ({ session, plan }, own) => requireApplicable(session, plan, own));
  if (due.length > 0 && !(await confirmPlans(due, options, context)))
    return { isAgreed: false, hosts: plans.map((each) => ({ ...each, made: 0 })) };
  const outcomes = await executePlans(due, context);
  const isStale = (each: Planned) => outcomes[due.indexOf(each)] === 'stale';
  const hosts = await everywhere(plans, context, async (each) => ({
    ...each,
    isStale: isStale(each),
    made: each.hasChanged && !isStale(each) ? countOf(each.plan) : 0,
    session: each.hasChanged ? await resurvey(each.session) : each.session,
  }));
  const stale = hosts.filter((each) => each.isStale);
  if (stale.length === 0) return { isAgreed: true, hosts };
  for (const { session } of stale) countStale(session.transport.host);
  // The approved plan is no longer the current one.
  const decided = await everywhere(stale, context, ({ session }) => withHttpsDecision(session, session.configBeforeHttps));
  const again = await bringToPlan(decided, options, countStale, context);
  const later = new Map(again.hosts.map((each) => [each.session.host.name, each]));
  return { isAgreed: again.isAgreed, hosts: hosts.map((each) => later.get(each.session.host.name) ?? each) };
}

async function planHost(session: HostSession, options: ApplyOptions, context: Context): Promise<Planned> {
  const early = checkHops(session);
  early.catch(() => {});
  const plan = await makePlan(session, options, context);
  return { session, plan, early, hasChanged: !isUpToDate(plan, session.survey) };
}
