import { waitForActiveRun } from './active-run.ts';
import { type ApplyOptions, applyPlans } from './apply-plans.ts';
import { checkHops } from './check-hops.ts';
import type { Result } from './event.ts';
import { domainsOf, type FailedSite } from './failed-site.ts';
import { finishImports } from './finish-imports.ts';
import { httpsFollowUp } from './https-follow-up.ts';
import { keepNextReads } from './make-plan.ts';
import { onEveryHost } from './on-every-host.ts';
import { onlyHost } from './only-host.ts';
import type { Context, Fleet } from './session.ts';
import { stalePlanCounter } from './stale-plans.ts';
import { doneResult, summarize, totalOf, withSites } from './summarize.ts';

export interface ApplyRequest extends ApplyOptions {
  /** True to wait for DNS if a site's names do not point to the host yet. */
  readonly waitForDns?: boolean | undefined;
}

/** The number of runs that may follow the first. An application whose answers keep changing would cause an endless loop. */
const maxRounds = 4;

/**
 * Plans, asks, applies and verifies, and repeats that if HTTPS has become possible by the run or by waiting for DNS. Each step is done on
 * all hosts before the next begins.
 */
export async function apply(request: ApplyRequest, opened: Fleet, context: Context): Promise<Result> {
  if (request.saved) onlyHost(opened, 'A saved plan');
  const countStale = stalePlanCounter();
  const changed = new Map<string, number>();
  const changedOn = (host: string) => changed.get(host) ?? 0;
  const failedOn = new Map<string, readonly FailedSite[]>();
  let fleet = await onEveryHost(opened, context, async (session, hostContext) =>
    finishImports(await waitForActiveRun(session, hostContext), hostContext),
  );
  let roundsLeft = maxRounds;
  for (let round: ApplyOptions = request; ; roundsLeft--) {
    const hosts = await applyPlans(fleet, round, countStale, context);
    for (const { session, made, failed } of hosts) {
      const { host } = session.transport;
      changed.set(host, changedOn(host) + made);
      const known = failedOn.get(host) ?? [];
      failedOn.set(host, [...known, ...failed.filter(({ site }) => !domainsOf(known).has(site))]);
    }
    if (!hosts.every(({ isAgreed }) => isAgreed))
      return totalOf(hosts.map(({ session, plan }) => doneResult(session.transport.host, changedOn(session.transport.host), plan.checked)));
    const next = await onEveryHost(hosts, context, ({ session, hasChanged }, hostContext) =>
      httpsFollowUp(session, { hasChanged: hasChanged && roundsLeft > 0, waitForDns: request.waitForDns }, hostContext),
    );
    if (next.some((session) => session !== undefined)) {
      fleet = hosts.map(({ session }, index) => next[index] ?? session);
      // The second round follows from a plan that was approved, so it is neither asked about again nor part of a saved plan.
      round = { ...request, saved: undefined, approved: true, without: domainsOf([...failedOn.values()].flat()) };
      continue;
    }
    return totalOf(
      await onEveryHost(hosts, context, async ({ session, plan, hasChanged, early }, { emit }) => {
        const { host } = session.transport;
        if (hasChanged) emit({ event: 'stage', host, text: 'verifying' });
        const kept = hasChanged ? keepNextReads(session) : undefined;
        const failed = failedOn.get(host) ?? [];
        const isChecked = (site: string) => (request.site ?? site) === site && !domainsOf(failed).has(site);
        const hops = (await (hasChanged ? checkHops(session, { isChecked }) : early)).filter(
          ({ site }) => site === undefined || isChecked(site),
        );
        await kept;
        return withSites(summarize(plan, changedOn(host), hops, host, emit), session.config, hops, failed);
      }),
    );
  }
}
