import { standBy } from '../engine/run.ts';
import { exitCode, Problem } from '../error.ts';
import { deploymentOf } from '../release/deploy-plan.ts';
import { waitForActiveRun } from './active-run.ts';
import { everywhere } from './barrier.ts';
import { checkHops } from './check-hops.ts';
import { type EarlyUploads, uploadByRecord } from './early-uploads.ts';
import type { Result } from './event.ts';
import { executePlans, type PlannedRun } from './execute-plans.ts';
import { isUpToDate } from './is-up-to-date.ts';
import { makePlan, type PlanOptions } from './make-plan.ts';
import { onlyHost } from './only-host.ts';
import { requireApplicable } from './preflight.ts';
import type { Context, Fleet, HostSession } from './session.ts';
import { stalePlanCounter } from './stale-plans.ts';
import { countOf, summarize, totalOf } from './summarize.ts';
import { resurvey } from './survey-host.ts';

export interface DeployRequest extends PlanOptions {
  /** What was uploaded to each host during its survey, by host name. */
  readonly early?: ReadonlyMap<string, EarlyUploads> | undefined;
}

/** Deploys a new release of the application and changes nothing else. Other pending changes are only reported. It asks no questions. */
export async function deploy(request: DeployRequest, opened: Fleet, context: Context): Promise<Result> {
  if (request.saved) onlyHost(opened, 'A saved plan');
  const fleet = await everywhere(opened, context, waitForActiveRun);
  // If a host had to wait for another client's run, that run may have removed the early uploads.
  const earlyUploadsOf = (session: HostSession) => (opened.includes(session) ? request.early?.get(session.host.name) : undefined);
  const hosts = await deployPlans(fleet, request, earlyUploadsOf, stalePlanCounter(), context);
  return totalOf(
    await everywhere(hosts, context, async ({ session, plan }, { emit }) => {
      const { host } = session.transport;
      emit({ event: 'stage', host, text: 'verifying' });
      return summarize(plan, countOf(plan), await checkHops(session), host, emit);
    }),
  );
}

/**
 * Makes the plans and executes them, and repeats this for each host that another run has changed in the meantime. Resolves to the last plan
 * of each host.
 */
async function deployPlans(
  fleet: Fleet,
  request: DeployRequest,
  earlyUploadsOf: (session: HostSession) => EarlyUploads | undefined,
  countStale: (host: string) => void,
  context: Context,
): Promise<readonly PlannedRun[]> {
  for (const session of fleet) requireProvisioned(session);
  const plans = await everywhere(fleet, context, (session, hostContext) =>
    planHost(session, request, earlyUploadsOf(session), hostContext),
  );
  const due = plans.filter(({ session, plan }) => !isUpToDate(plan, session.survey));
  await everywhere(due, context, ({ session, plan }, hostContext) => requireApplicable(session, plan, hostContext));
  const outcomes = await executePlans(due, context);
  const stale = due.filter((_, index) => outcomes[index] === 'stale').map(({ session }) => session);
  if (stale.length === 0) return plans;
  for (const { transport } of stale) countStale(transport.host);
  const now = await everywhere(stale, context, resurvey);
  const again = await deployPlans(now, request, () => undefined, countStale, context);
  const later = new Map(again.map((each) => [each.session.host.name, each]));
  return plans.map((each) => later.get(each.session.host.name) ?? each);
}

async function planHost(
  session: HostSession,
  request: DeployRequest,
  uploads: EarlyUploads | undefined,
  context: Context,
): Promise<PlannedRun> {
  const { transport, playbooks, survey } = session;
  const { host } = transport;
  const early = uploadByRecord(session, uploads, context.signal);
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
