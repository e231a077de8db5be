import { needsOfUnit } from '../../playbooks/runtimes/index.ts';
import type { Config } from '../config/config.ts';
import { nameOf } from '../engine/resource-id.ts';
import { standBy } from '../engine/run.ts';
import { readScript } from '../engine/survey.ts';
import { Problem } from '../error.ts';
import { sectionsOf } from '../facts/parse.ts';
import type { Check } from '../health/check.ts';
import { sitePaths } from '../host-paths.ts';
import { previousOf, type Release } from '../release/inventory.ts';
import { rollbackPlan, rollbackResources, whatRuns } from '../release/rollback-plan.ts';
import { version } from '../version.ts';
import { waitForActiveRun } from './active-run.ts';
import { checkHops } from './check-hops.ts';
import type { Result } from './event.ts';
import { executePlans, type PlannedRun } from './execute-plans.ts';
import { failedSitesProblem } from './failed-site.ts';
import { finishImports } from './finish-imports.ts';
import { followRelease } from './follow-release.ts';
import { onEveryHost } from './on-every-host.ts';
import { withOnlySite } from './one-site.ts';
import { hostsWith, onlyHost } from './only-host.ts';
import { readReleases } from './releases.ts';
import { rollBackData } from './rollback-data.ts';
import { type Context, type Fleet, type HostSession, kindsIn } from './session.ts';
import { countOf, doneResult, summarize, totalOf } from './summarize.ts';

export interface RollbackRequest {
  /** The id of the release, or its beginning; by default the previous release. */
  readonly to?: string | undefined;
  /** The domain of the site to roll back, if there are several. */
  readonly site?: string | undefined;
  /** True to restore the database too, as it was before the migrations since that release. */
  readonly data?: boolean | undefined;
  /** True if restoring the database was approved in advance. */
  readonly approved?: boolean | undefined;
}

/**
 * Rolls back to the previous or the named release, with what it ran with: its PHP, its settings, its environment. The database stays as it
 * is, unless `data` is true.
 */
export async function rollback({ to: id, site, data, approved }: RollbackRequest, opened: Fleet, context: Context): Promise<Result> {
  const fleet = await onEveryHost(hostsWith(opened, 'web', 'A rollback'), context, async (session, hostContext) =>
    finishImports(await waitForActiveRun(session, hostContext), hostContext),
  );
  const plans = await onEveryHost(fleet, context, (session) => planHost(session, id, site));
  for (const { session, plan } of plans) context.emit({ event: 'plan', host: session.transport.host, plan });
  context.signal.throwIfAborted();
  if (data) {
    onlyHost(fleet, 'A rollback with its data');
    for (const { session, ...way } of plans) {
      if (!(await rollBackData(session, { ...way, approved }, context))) return totalOf([doneResult(session.transport.host, 0, 1)]);
    }
  }
  const outcomes = await executePlans(plans, context);
  const stale = plans.find((_, index) => outcomes[index]?.isStale);
  if (stale)
    throw new Problem({
      message: `Another run has changed ${stale.session.transport.host} in the meantime.`,
      hint: 'Look at the releases, then re-run.',
    });
  const problem = failedSitesProblem(outcomes.flatMap(({ failed }) => failed));
  if (problem) throw problem;
  return totalOf(
    await onEveryHost(plans, context, async ({ session, plan, domain, to }, own) => {
      const { host } = session.transport;
      const followed = await followRelease(session, own);
      own.emit({ event: 'stage', host, text: 'verifying' });
      // A rollback does not change the facts that the checks need. Other sites may have been rolled back too, so they are not as configured.
      const hops = await checkHops(followed.session, { replace: asOf(domain, to), isChecked: (site) => site === domain });
      return summarize(plan, countOf(plan) + followed.made, hops, host, own.emit);
    }),
  );
}

async function planHost(
  session: HostSession,
  id: string | undefined,
  site: string | undefined,
): Promise<PlannedRun & Way & { readonly releases: readonly Release[] }> {
  const launcher = standBy(session.transport);
  const config = withOnlySite(session.config, site);
  const sites = await readReleases({ ...session, config });
  const way = withNeeds(wayBack(config, sites, id));
  const live = new Map([[way.domain, `${sitePaths(way.domain).releases}/${way.to.id}`]]);
  const releases = sites.get(way.domain) ?? [];
  return { session, ...way, releases, plan: await planBack(session, way), execution: { launcher, live } };
}

interface Way {
  readonly domain: string;
  readonly from: Release;
  readonly to: Release;
}

/** Returns the live release and the one to roll back to. Throws a Problem if that is impossible. */
function wayBack(config: Config, sites: ReadonlyMap<string, readonly Release[]>, id: string | undefined): Way {
  const named = id === undefined ? [...sites] : [...sites].filter(([, releases]) => releases.some((release) => release.id.startsWith(id)));
  const [site] = named;
  if (!site) throw noSuch(id ?? '', [...sites.values()].flat());
  if (named.length > 1)
    throw new Problem({
      message: `${config.name} has several sites, so one of them has to be named.`,
      hint: 'Name the site with --site DOMAIN, or the release with --to ID; `foobar-provision releases` shows them.',
    });
  const [domain, releases] = site;
  const from = releases.find(({ live }) => live);
  const to = id === undefined ? previousOf(releases) : releases.find((release) => release.id.startsWith(id));
  if (!from || !to) throw noSuch(id ?? 'before the live one', releases);
  if (to.live) throw new Problem({ message: `${to.id} is already the live release of ${domain}.` });
  if (to.failed || to.turn === undefined || !to.back)
    throw new Problem({
      message: to.failed
        ? `${to.id} failed its health check and never went live.`
        : `${to.id} never went live: the run that deployed it was interrupted.`,
      hint: 'Go back to a release that was live, or deploy this one again.',
    });
  // With the rules of another kind of application, nginx would show PHP's sources.
  if (!to.back.live.rules && from.back?.live.rules && to.back.live.by?.protocol !== from.back.live.by?.protocol)
    throw new Problem({
      message: `${to.id} was deployed by an older version of this program, which recorded no nginx rules for it, and ${from.id} is another kind of application.`,
      hint: 'Deploy it again, with the configuration that it had.',
    });
  return { domain, from, to };
}

/** Returns the rollback with everything that the release needs, even if an older version of this program did not record it. */
function withNeeds(way: Way): Way {
  const { domain, to } = way;
  if (!to.back) return way;
  const { needs, units } = to.back;
  const named = new Set(needs.map(nameOf));
  const missing = units.flatMap(({ id }) => needsOfUnit(id, domain)).filter((need) => !named.has(nameOf(need)));
  return { ...way, to: { ...to, back: { ...to.back, needs: [...needs, ...missing] } } };
}

function noSuch(what: string, releases: readonly Release[]): Problem {
  const candidates = releases.flatMap(({ id, live, failed }) => (live || failed ? [] : [id]));
  return new Problem({
    message: `There is no release ${what} to go back to.`,
    hint: `${candidates.length > 0 ? `There are ${candidates.join(', ')}.` : 'Only the live one is on the host.'}`,
  });
}

async function planBack(session: HostSession, { domain, from, to }: Way) {
  const { current } = sitePaths(domain);
  const desired = [...whatRuns(current, from.back), ...rollbackResources(current, to)].map((resource) => ({ playbook: 'app', resource }));
  const { transport, survey } = session;
  const { remembered, facts } = survey;
  const kinds = kindsIn(session);
  const { stdout } = await transport.script(readScript(desired, { ...survey, remembered: { others: [], pendingHandlers: [] } }, kinds));
  return rollbackPlan(current, from, to, {
    name: survey.remembered.manifest?.name ?? domain,
    version,
    remembered,
    kinds,
    outputs: sectionsOf(stdout, '#read'),
    facts,
    allowDestroy: false,
  });
}

/**
 * Replaces each check of the site's server by the same check of this release's server, or removes it if this release is another kind of
 * application.
 */
function asOf(domain: string, { back }: Release): (check: Check) => readonly Check[] {
  const by = back?.live.by;
  return (check) => {
    if (check.release?.site !== domain) return [check];
    return by?.protocol === check.release.protocol ? [{ ...check, socket: by.socket }] : [];
  };
}
