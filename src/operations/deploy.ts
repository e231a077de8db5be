import { exceptSites } from '../engine/except-sites.ts';
import { standBy } from '../engine/run.ts';
import { exitCode, Problem } from '../error.ts';
import { deploymentOf } from '../release/deploy-plan.ts';
import { waitForActiveRun } from './active-run.ts';
import { checkHops } from './check-hops.ts';
import { type EarlyUploads, uploadByRecord } from './early-uploads.ts';
import type { Result } from './event.ts';
import { type ExecutionResult, executePlans, type PlannedRun } from './execute-plans.ts';
import { domainsOf, unbuiltSites } from './failed-site.ts';
import { finishImports } from './finish-imports.ts';
import { followRelease } from './follow-release.ts';
import { isUpToDate } from './is-up-to-date.ts';
import { makePlan, type PlanOptions } from './make-plan.ts';
import { onEveryHost } from './on-every-host.ts';
import { withOnlySite } from './one-site.ts';
import { hostsWith, onlyHost } from './only-host.ts';
import { requireApplicable } from './preflight.ts';
import type { Context, Fleet, HostSession } from './session.ts';
import { retryStale, stalePlanCounter } from './stale-plans.ts';
import { countOf, summarize, totalOf, withSites } from './summarize.ts';
import { resurvey } from './survey-host.ts';

export interface DeployRequest extends PlanOptions {
  /** What was uploaded to each host during its survey, by host name. */
  readonly early?: ReadonlyMap<string, EarlyUploads> | undefined;
}

/** Deploys a new release of the application and changes nothing else. Other pending changes are only reported. It asks no questions. */
export async function deploy(request: DeployRequest, opened: Fleet, context: Context): Promise<Result> {
  if (request.saved) onlyHost(opened, 'A saved plan');
  const fleet = await onEveryHost(hostsWith(opened, 'web', 'A deploy'), context, async (session, hostContext) =>
    finishImports(await waitForActiveRun(session, hostContext), hostContext),
  );
  // If a host had to wait for another client's run, that run may have removed the early uploads.
  const earlyUploadsOf = (session: HostSession) => (opened.includes(session) ? request.early?.get(session.host.name) : undefined);
  const hosts = await retryStale(
    fleet,
    (some) => planAndDeploy(some, request, earlyUploadsOf, context),
    { refresh: resurvey, countStale: stalePlanCounter() },
    context,
  );
  return totalOf(
    await onEveryHost(hosts, context, async ({ session, plan, failed }, own) => {
      const { host } = session.transport;
      const followed = await followRelease(session, own);
      own.emit({ event: 'stage', host, text: 'verifying' });
      const left = domainsOf(failed);
      const hops = await checkHops(followed.session, { isChecked: (site) => (request.site ?? site) === site && !left.has(site) });
      const made = countOf(exceptSites(plan, left)) + followed.made;
      return withSites(summarize(plan, made, hops, host, own.emit), session.config, hops, failed);
    }),
  );
}

type Deployed = PlannedRun & ExecutionResult;

async function planAndDeploy(
  fleet: Fleet,
  request: DeployRequest,
  earlyUploadsOf: (session: HostSession) => EarlyUploads | undefined,
  context: Context,
): Promise<readonly Deployed[]> {
  for (const session of fleet) requireProvisioned(session);
  const plans = await onEveryHost(fleet, context, (session, hostContext) =>
    planHost(session, request, earlyUploadsOf(session), hostContext),
  );
  const due = plans.filter(({ session, plan }) => !isUpToDate(plan, session.survey));
  await onEveryHost(due, context, ({ session, plan }, hostContext) => requireApplicable(session, plan, hostContext));
  const outcomes = await executePlans(due, context);
  return plans.map((each) => ({
    ...each,
    ...(outcomes[due.indexOf(each)] ?? { isStale: false, failed: unbuiltSites(each.session.config) }),
  }));
}

async function planHost(
  session: HostSession,
  request: DeployRequest,
  uploads: EarlyUploads | undefined,
  context: Context,
): Promise<PlannedRun> {
  const { transport, playbooks, survey } = session;
  const { host } = transport;
  const early = uploadByRecord({ ...session, config: withOnlySite(session.config, request.site) }, uploads, context.signal);
  const launcher = standBy(transport);
  const wholePlan = await makePlan(session, request, context, 'the application');
  const { plan, waiting } = deploymentOf(wholePlan, playbooks, survey.remembered);
  if (waiting > 0)
    context.emit({
      event: 'note',
      host,
      text: `${waiting} other ${waiting === 1 ? 'change waits' : 'changes wait'} for the next full run.`,
    });
  context.emit({ event: 'plan', host, plan });
  return { session, plan, execution: { early, launcher } };
}

/** Throws a Problem if the site has not been provisioned on the host, so that its user, folders and database are missing. */
function requireProvisioned({ config, transport, survey }: HostSession): void {
  if (survey.remembered.manifest) return;
  throw new Problem({
    message: `${config.name} has not been provisioned on ${transport.host} yet, so there is nothing to deploy to.`,
    host: transport.host,
    hint: `Provision it first: foobar-provision ${transport.host}.`,
    exit: exitCode.failed,
  });
}
