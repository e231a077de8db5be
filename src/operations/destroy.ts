import { exceptSites } from '../engine/except-sites.ts';
import { sitesOnRecord } from '../engine/manifest.ts';
import { problemOf } from '../engine/outcome.ts';
import { nameOf } from '../engine/resource-id.ts';
import { Problem } from '../error.ts';
import { waitForActiveRun } from './active-run.ts';
import { type Consent, confirmPlans, type HostPlan } from './confirm-plans.ts';
import type { Result } from './event.ts';
import { executePlans } from './execute-plans.ts';
import { domainsOf } from './failed-site.ts';
import { makePlan, makeRemovalPlan, type PlanOptions } from './make-plan.ts';
import { onEveryHost } from './on-every-host.ts';
import { withOnlySite } from './one-site.ts';
import { onlyHost } from './only-host.ts';
import type { Context, Fleet, HostSession } from './session.ts';
import { doneResult, totalOf, withSites } from './summarize.ts';

export type DestroyRequest = PlanOptions & Consent;

/**
 * Removes everything that this configuration, or one site of it, has created on the hosts, and nothing else. The sessions have no
 * playbooks, so nothing is desired.
 */
export async function destroy(request: DestroyRequest, opened: Fleet, context: Context): Promise<Result> {
  if (request.saved) onlyHost(opened, 'A saved plan');
  const fleet = await onEveryHost(opened, context, waitForActiveRun);
  const plans = await onEveryHost(fleet, context, async (session, hostContext) => {
    const domain = onlySiteOf(session, request.site);
    return domain === undefined
      ? { session, plan: await makePlan(session, { ...request, site: undefined }, hostContext), execution: { removesConfiguration: true } }
      : { session, plan: await makeRemovalPlan(session, domain, request, hostContext) };
  });
  context.signal.throwIfAborted();
  requireNothingRefused(plans, request.site);
  const due = plans.filter((each) => !isAbsent(each, request.site));
  const isAgreed = due.length > 0 && (await confirmPlans(due, request, context));
  const runs = isAgreed ? due : [];
  const outcomes = await executePlans(runs, context);
  const stale = runs.find((_, index) => outcomes[index]?.isStale);
  if (stale) throw problemOf({ kind: 'stale' }, stale.session.transport.host, '');
  for (const { session } of runs) {
    if (session.config.sites.length < 2 || !session.config.sites.some(({ domain }) => domain === request.site)) continue;
    const text = `The configuration still has ${request.site}: remove it there, or the next run sets it up again.`;
    context.emit({ event: 'note', host: session.transport.host, text });
  }
  return totalOf(
    plans.map(({ session, plan }) => {
      const { failed } = outcomes[runs.findIndex((run) => run.session === session)] ?? { failed: [] };
      const { changes } = exceptSites(plan, domainsOf(failed));
      const result = doneResult(session.transport.host, isAgreed ? changes.length : 0, plan.checked);
      return withSites(result, session.config, [], failed);
    }),
  );
}

function requireNothingRefused(plans: readonly HostPlan[], site: string | undefined): void {
  const [first] = plans.filter(({ plan }) => plan.refused.length > 0);
  if (!first) return;
  throw new Problem({
    message: `These resources of ${site ?? first.session.config.name} hold data: ${first.plan.refused.map(({ resource }) => nameOf(resource)).join(', ')}.`,
    hint: 'Back them up, then re-run with --allow-destroy.',
  });
}

/**
 * Returns the site to remove, or undefined if everything is to be removed, because no site is named or the host has no other one. Throws a
 * Problem if neither the configuration nor the host has the site.
 */
function onlySiteOf({ config, survey: { remembered } }: HostSession, named: string | undefined): string | undefined {
  if (named === undefined) return undefined;
  const several = sitesOnRecord(remembered);
  if (!several.has(named)) withOnlySite(config, named);
  const applied = remembered.manifest?.about?.domains ?? config.sites.map(({ domain }) => domain);
  const isOnlyOne = several.size === 0 && applied.every((domain) => domain === named);
  return isOnlyOne ? undefined : named;
}

/** Returns whether the host has nothing to remove. */
function isAbsent({ session: { survey }, plan }: HostPlan, site: string | undefined): boolean {
  const hasRecord = survey.remembered.manifest !== undefined || survey.remembered.pending !== undefined;
  return plan.changes.length === 0 && (site !== undefined || !hasRecord);
}
