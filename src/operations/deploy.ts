import { standBy } from '../engine/run.ts';
import { exitCode, Problem } from '../error.ts';
import { deploymentOf } from '../release/deploy-plan.ts';
import { waitForActiveRun } from './active-run.ts';
import { checkHops } from './check-hops.ts';
import { resurvey } from './connect.ts';
import { type EarlyUploads, uploadByRecord } from './early-uploads.ts';
import type { Result } from './event.ts';
import { executePlan } from './execute-plan.ts';
import { isUpToDate } from './is-up-to-date.ts';
import { makePlan, type PlanOptions } from './make-plan.ts';
import { requireApplicable } from './preflight.ts';
import type { Context, HostSession } from './session.ts';
import { stalePlanCounter } from './stale-plans.ts';
import { countOf, summarize } from './summarize.ts';

export interface DeployRequest extends PlanOptions {
  /** What was sent while the host was surveyed. */
  readonly early?: EarlyUploads | undefined;
}

/** A new release of the application, and nothing else: what is about the application is compared and changed, and what else waits is told. It asks nothing. */
export async function deploy(request: DeployRequest, opened: HostSession, context: Context): Promise<Result> {
  const { transport } = opened;
  const { host } = transport;
  const countStale = stalePlanCounter(host);
  let session = await waitForActiveRun(opened, context);
  // A run that came between may have taken what arrived.
  let uploads = session === opened ? request.early : undefined;
  for (;;) {
    requireProvisioned(session);
    const early = uploadByRecord(session, uploads, context.signal);
    const launcher = standBy(transport);
    const wholePlan = await makePlan(session, request, context, 'the application');
    const { plan, waiting } = deploymentOf(wholePlan, session.playbooks, session.survey.remembered);
    if (waiting > 0)
      context.emit({
        event: 'note',
        text: `${waiting} other ${waiting === 1 ? 'change waits' : 'changes wait'} for the next full run.`,
      });
    context.emit({ event: 'plan', host, plan });
    if (!isUpToDate(plan, session.survey)) {
      await requireApplicable(session, plan, context);
      if ((await executePlan(session, plan, context, { early, launcher })) === 'stale') {
        countStale();
        session = await resurvey(session);
        uploads = undefined;
        continue;
      }
    }
    context.emit({ event: 'stage', text: 'verifying' });
    return summarize(plan, countOf(plan), await checkHops(session), host, context.emit);
  }
}

/** A release needs the site that it is of: its user, its folders, its database. */
function requireProvisioned({ config, transport, survey }: HostSession): void {
  if (survey.remembered.manifest) return;
  throw new Problem({
    message: `${config.name} has not been provisioned on ${transport.host} yet, so there is nothing to deploy to.`,
    host: transport.host,
    hint: `Provision it first: foobar-provision ${transport.host}. Nothing was changed.`,
    exit: exitCode.failed,
  });
}
