import { sh } from '../command/command.ts';
import { exceptSites } from '../engine/except-sites.ts';
import { touchesAccess } from '../engine/lockout.ts';
import { outcomeAfterLostLink, reconnectProbe, revertSeconds } from '../engine/lockout-guard.ts';
import { problemOf, type RunOutcome, siteProblem, withheldProblem } from '../engine/outcome.ts';
import type { Plan } from '../engine/plan.ts';
import { type RenderOptions, render } from '../engine/render.ts';
import { nameOf } from '../engine/resource-id.ts';
import { type Launcher, start } from '../engine/run.ts';
import { exitCode, Problem } from '../error.ts';
import { nginxAdvice } from '../facts/nginx-advice.ts';
import type { Check } from '../health/check.ts';
import { redactor } from '../health/redact.ts';
import { stateFolder } from '../host-paths.ts';
import { type EarlyUpload, keepReleases, type LiveReleases, releasesIn } from '../release/early-upload.ts';
import type { Transport } from '../transport/transport.ts';
import { aboutRun } from './about-run.ts';
import { withCarriedSecrets } from './carried-secrets.ts';
import { checksFor } from './check-hops.ts';
import type { HostPlan } from './confirm-plans.ts';
import type { Emit } from './event.ts';
import { domainsOf, type FailedSite, unbuiltSites } from './failed-site.ts';
import { isUpToDate } from './is-up-to-date.ts';
import { onEveryHost } from './on-every-host.ts';
import { secretsOf } from './secrets.ts';
import type { Context } from './session.ts';
import { newRunId, uploadSources } from './upload-sources.ts';
import { wavesOf } from './waves.ts';

/** What was prepared before planning, and the options of this run. */
export interface ExecutionOptions extends Pick<RenderOptions, 'removesConfiguration'> {
  /** What was uploaded early, by the digest of its files. */
  readonly early?: Promise<ReadonlyMap<string, EarlyUpload>>;
  readonly launcher?: Launcher;
  /** The releases that the run makes live; by default those in the plan's manifest. */
  readonly live?: LiveReleases;
}

/** A plan that is to be executed. */
export interface PlannedRun extends HostPlan {
  readonly execution?: ExecutionOptions;
}

/** What became of a plan. */
export interface ExecutionResult {
  /** True if it was not applied, because another run came first. */
  readonly isStale: boolean;
  /** The sites that failed while the run went on for the others. */
  readonly failed: readonly FailedSite[];
}

/**
 * Executes plans, one per host: uploads what they need to all hosts, then sends each host its script and follows the runs. Rejects with a
 * Problem if a run fails, or if it succeeds but had to withhold settings that may close SSH access.
 */
export async function executePlans(plans: readonly PlannedRun[], context: Context): Promise<readonly ExecutionResult[]> {
  const prepared = await onEveryHost(plans, context, prepareRun);
  const results = new Map<PreparedRun, ExecutionResult>();
  for (const wave of wavesOf(prepared)) {
    // What comes later was planned for the hosts as they were before.
    const isStale = [...results.values()].some((result) => result.isStale);
    const ended = isStale
      ? wave.map(({ failed }) => ({ isStale, failed }))
      : await onEveryHost(wave, context, async (run, hostContext) => executeRun(await withCarriedSecrets(run, prepared), hostContext));
    for (const [index, run] of wave.entries()) results.set(run, ended[index] ?? { isStale: false, failed: [] });
  }
  return prepared.map((run) => results.get(run) ?? { isStale: false, failed: [] });
}

/** A run for which the host has everything except the script. */
interface PreparedRun extends HostPlan {
  readonly id: string;
  readonly execution: ExecutionOptions;
  /** The sites whose files could not be uploaded. The plan excludes them. */
  readonly failed: readonly FailedSite[];
}

async function prepareRun({ session, plan, execution = {} }: PlannedRun, context: Context): Promise<PreparedRun> {
  const id = newRunId();
  const failed = await uploadSources(session, plan, (await execution.early) ?? new Map(), id, context);
  context.signal.throwIfAborted();
  return { session, plan: exceptSites(plan, domainsOf(failed)), id, execution, failed: [...unbuiltSites(session.config), ...failed] };
}

async function executeRun({ session, plan, id, execution, failed }: PreparedRun, context: Context): Promise<ExecutionResult> {
  const { early: _, launcher, live = releasesIn(plan.manifest, session.config), ...options } = execution;
  const { transport, survey } = session;
  const { host } = transport;
  if (failed.length > 0 && isUpToDate(plan, survey)) return { isStale: false, failed };
  const script = render(plan, {
    id,
    base: survey.base,
    proofSeconds: revertSeconds(),
    ...options,
    ...(survey.lists && { lists: survey.lists }),
  });
  const emit = options.removesConfiguration ? context.emit : preloading(checksFor(session), context.emit);
  context.emit({ event: 'run', host });
  const stopListening = stopOnAbort(transport, id, context);
  const outcome = await followToEnd(transport, id, plan, context.emit, () =>
    start(transport, id, script, plan, emit, reconnectProbe(transport, id), launcher, aboutRun(plan, transport.login, context.command)),
  ).finally(stopListening);
  if (outcome.kind === 'stale') return { isStale: true, failed };
  const redact = redactor(secretsOf(session));
  if (outcome.kind !== 'ok') throw redacted(advised(problemOf(outcome, host, id)), redact);
  const failedDuringRun = (outcome.failed ?? []).map((each) => ({
    site: each.site,
    problem: redacted(advised(siteProblem(each, host, id)), redact),
  }));
  const all = [...failed, ...failedDuringRun];
  await keepReleases(host, new Map([...live].filter(([domain]) => !domainsOf(all).has(domain))));
  if (outcome.withheld) {
    const names = plan.changes.filter(touchesAccess).map(({ resource }) => nameOf(resource));
    const problem = redacted(withheldProblem(outcome.withheld, names, host, id), redact);
    throw all.reduce((combined, each) => combined.withHint(each.problem.message), problem);
  }
  return { isStale: false, failed: all };
}

/** Makes the host stop the run after the current step when the abort signal fires. Returns a function that stops listening for the signal. */
function stopOnAbort(transport: Transport, id: string, { emit, signal }: Context): () => void {
  const stop = () => {
    emit({ event: 'note', host: transport.host, text: 'Stopping after this step. The host keeps what was done; running again is safe.' });
    transport.script(sh`: >${`${stateFolder}/runs/${id}/stop`}`).catch(() => {});
  };
  signal.addEventListener('abort', stop, { once: true });
  return () => signal.removeEventListener('abort', stop);
}

/**
 * Resolves to the outcome of the run. If the connection is lost during a run that changes SSH access, the outcome is read over a new
 * connection.
 */
async function followToEnd(transport: Transport, id: string, plan: Plan, emit: Emit, run: () => Promise<RunOutcome>): Promise<RunOutcome> {
  try {
    const outcome = await run();
    if (outcome.kind !== 'interrupted') return outcome;
    return (await outcomeAfterLostLink(transport, id, plan, emit)) ?? outcome;
  } catch (error) {
    if (!(error instanceof Problem) || error.exit !== exitCode.unreachable) throw error;
    const outcome = await outcomeAfterLostLink(transport, id, plan, emit);
    // The run may have succeeded, but the lost connection is needed for what follows, such as the health checks. So the loss is reported.
    if (outcome === undefined || outcome.kind === 'ok') throw error;
    return outcome;
  }
}

/** Returns an emitter that, at the first step event, starts loading the modules that the health checks need. */
function preloading(checks: readonly Check[], emit: Emit): Emit {
  let isLoaded = false;
  return (event) => {
    if (!isLoaded && event.event === 'step') {
      isLoaded = true;
      for (const kind of new Set(checks.map(({ kind }) => kind))) kind.preload?.();
    }
    emit(event);
  };
}

/** Adds a remedy to the hint if the error output contains a complaint from Nginx that has a known fix. */
function advised(problem: Problem): Problem {
  const { details } = problem;
  const advice = nginxAdvice(details.stderr ?? '');
  return advice === undefined ? problem : new Problem({ ...details, hint: `${advice} ${details.hint ?? ''}`.trim() });
}

function redacted({ details }: Problem, redact: (text: string) => string): Problem {
  return new Problem({ ...details, ...(details.stderr && { stderr: redact(details.stderr) }) });
}
