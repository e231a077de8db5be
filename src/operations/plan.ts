import { writeFile } from 'node:fs/promises';
import type { Plan } from '../engine/plan.ts';
import { savePlan } from '../engine/plan-file.ts';
import { exitCode, messageOf, Problem } from '../error.ts';
import { withDiffs } from './diff.ts';
import type { HostResult, Result } from './event.ts';
import { unbuiltSites } from './failed-site.ts';
import { makePlan, type PlanOptions } from './make-plan.ts';
import { onEveryHost } from './on-every-host.ts';
import { onlyHost } from './only-host.ts';
import { planInWaves } from './plan-in-waves.ts';
import type { Context, Fleet, HostSession } from './session.ts';
import { countOf, doneResult, totalOf, withSites } from './summarize.ts';

export interface PlanRequest extends PlanOptions {
  /** The file to save the plan to. */
  readonly saveTo?: string | undefined;
  /** True if the diffs of new files, which are their whole text, are shown too. */
  readonly allDiffs?: boolean | undefined;
}

/** Shows what would change and why. It leaves nothing on the host. */
export async function plan(request: PlanRequest, fleet: Fleet, context: Context): Promise<Result> {
  if (request.saveTo || request.saved) onlyHost(fleet, 'A saved plan');
  const planned = await planInWaves(fleet, context, async (session, hostContext) => ({
    session,
    plan: await makePlan(session, request, hostContext),
  }));
  return totalOf(
    await onEveryHost(planned, context, ({ session, plan: found }, hostContext) => showPlan(request, session, found, hostContext)),
  );
}

async function showPlan(request: PlanRequest, session: HostSession, found: Plan, context: Context): Promise<HostResult> {
  const { transport, survey } = session;
  if (request.saveTo) await write(request.saveTo, savePlan(transport.host, survey.base, found));
  context.emit({ event: 'plan', host: transport.host, plan: await withDiffs(session, found, request.allDiffs === true) });
  const changed = countOf(found);
  const result = { ...doneResult(transport.host, changed, found.checked), exitCode: changed > 0 ? exitCode.changes : exitCode.done };
  const failed = unbuiltSites(session.config);
  return failed.length > 0 ? withSites(result, session.config, [], failed) : result;
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 }).catch((cause: unknown) => {
    throw new Problem({
      message: `${file} cannot be written: ${messageOf(cause)}.`,
      hint: 'Name a file in a folder that you may write to.',
      cause,
    });
  });
}
