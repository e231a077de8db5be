import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { requireSpace } from '../engine/disk-space.ts';
import type { Emit, Result } from '../engine/event.ts';
import { touchesAccess } from '../engine/lockout.ts';
import { endingAfterAll, proverOf, within } from '../engine/lockout-guard.ts';
import { heldProblem, problemOf } from '../engine/outcome.ts';
import type { Plan } from '../engine/plan.ts';
import { checksOf } from '../engine/playbook.ts';
import { requireReady } from '../engine/preflight.ts';
import { type RenderOptions, render } from '../engine/render.ts';
import { follow, type Launcher, start } from '../engine/run.ts';
import type { Active, Survey } from '../engine/survey.ts';
import { exitCode, Problem } from '../error.ts';
import type { Check, Hop } from '../health/check.ts';
import { redactor } from '../health/redact.ts';
import { keepReleases, releasesIn, type Sent } from '../release/early-upload.ts';
import { surveySeconds } from '../transport/transport.ts';
import { begin } from './begin.ts';
import { bring, newRun } from './bring.ts';
import { configured, decided, leave, type Reached, reach, secretsOf } from './host.ts';
import { interactive, type Options } from './options.ts';
import type { Reporter } from './output/reporter.ts';
import { planned } from './plan.ts';

/** The main job: plan, ask, apply, verify; and once more where HTTPS has come to work by that, or by what was waited for. */
export async function apply(target: string | undefined, options: Options, reporter: Reporter, signal: AbortSignal): Promise<Result> {
  const found = await begin(target, options, reporter, signal);
  const { transport } = found;
  try {
    let reached = await settled(found, options, reporter, signal);
    let changed = 0;
    const rounds = staleRounds(transport.host);
    for (let round = options; ; ) {
      // Where nothing changes, the hops that were walked meanwhile are the answer.
      const early = healthOf(reached, () => {});
      early.catch(() => {});
      const plan = await planned(reached, round, reporter);
      const isSame = isDone(plan, reached.survey);
      if (isSame) reporter.emit({ event: 'plan', host: transport.host, plan });
      else {
        signal.throwIfAborted();
        requireReady(plan, reached.survey, transport.host);
        await requireSpace(transport, plan, reached.config, reached.survey);
        if (!(await agreed(reached, plan, round, reporter, signal)))
          return { ok: true, changed, checked: plan.checked, exitCode: exitCode.done };
        const made = await make(reached, plan, reporter, signal);
        const survey = await again(reached);
        // Another run came between the plan and this one: what was agreed to is no longer what would be done.
        if (made === 'stale') {
          rounds.count();
          reached = await decided({ ...reached, survey }, reached.config);
          continue;
        }
        changed += plan.changes.length + plan.handlers.length;
        reached = { ...reached, survey };
      }
      const more = await (await import('./further.ts')).further(reached, isSame, options, reporter, signal);
      if (more) {
        reached = more;
        round = furtherOptions(options);
        continue;
      }
      if (isSame) return concluded(plan, await early, reporter, transport.host, changed);
      reporter.emit({ event: 'stage', text: 'verifying' });
      return concluded(plan, await healthOf(reached, () => {}), reporter, transport.host, changed);
    }
  } finally {
    await leave(transport, found.survey);
  }
}

/** What follows from a plan that was agreed to is not asked about again, and is no part of a saved one. */
function furtherOptions({ plan, ...options }: Options): Options {
  return { ...options, yes: true };
}

/** Takes away all that this configuration has made on the host, and only that. What holds data needs the user's leave, before anything goes. */
export async function destroy(target: string | undefined, options: Options, reporter: Reporter, signal: AbortSignal): Promise<Result> {
  const { config } = await configured(target, options, reporter);
  const found = await reach(config, [], options, reporter, signal);
  const { transport } = found;
  try {
    const reached = await settled(found, options, reporter, signal);
    const { survey } = reached;
    const plan = await planned(reached, options, reporter);
    signal.throwIfAborted();
    if (plan.refused.length > 0) {
      throw new Problem({
        message: `What was made for ${config.name} holds data: ${plan.refused.map(({ resource }) => resource).join(', ')}.`,
        hint: 'Save it, then run again with --allow-destroy. Nothing was changed.',
      });
    }
    const nothing = plan.changes.length === 0 && !survey.remembered.manifest && !survey.remembered.pending;
    if (nothing || !(await agreed(reached, plan, options, reporter, signal)))
      return { ok: true, changed: 0, checked: plan.checked, exitCode: exitCode.done };
    const made = await make(reached, plan, reporter, signal, { farewell: true });
    if (made === 'stale') throw problemOf({ kind: 'stale' }, transport.host, '');
    return { ok: true, changed: plan.changes.length, checked: plan.checked, exitCode: exitCode.done };
  } finally {
    await leave(transport, found.survey);
  }
}

/** Nothing to change, nothing owed, nothing left of interrupted runs, and the host's record of it is the one that a run would write. */
export function isDone(plan: Plan, { remembered, leftovers }: Survey): boolean {
  return (
    plan.changes.length + plan.handlers.length === 0 &&
    !remembered.pending &&
    !leftovers &&
    isDeepStrictEqual(remembered.manifest, plan.manifest)
  );
}

/** Shows the plan, and asks where somebody is to be asked. Without a terminal and without --yes nothing is applied. */
async function agreed({ transport }: Reached, plan: Plan, options: Options, reporter: Reporter, signal: AbortSignal): Promise<boolean> {
  const asks = interactive(options) && !options.yes;
  reporter.emit({
    event: 'plan',
    host: transport.host,
    plan: asks || options.verbose ? await (await import('./output/diff.ts')).withDiffs(transport, plan, options.verbose === true) : plan,
  });
  // What interrupted runs have left and what the host remembers of us is ours, and nobody needs to be asked.
  if (options.yes || plan.changes.length + plan.handlers.length === 0) return true;
  const answer = asks && (await (await import('./ask.ts')).confirm('Apply this plan?', true, reporter, signal));
  if (answer) return true;
  if (asks) return false;
  throw new Problem({
    message: 'There is no terminal to ask on, and the plan was not applied.',
    hint: 'Run again with --yes to apply it. Nothing was changed.',
  });
}

/** What was made ready before the plan was. */
export interface Prepared {
  readonly ahead?: Promise<ReadonlyMap<string, Sent>>;
  readonly launcher?: Launcher;
}

/** Sends what the plan needs, hands the host its script, and follows it. Rejects with the Problem of any ending but success, and but the host having moved. */
export async function make(
  reached: Reached,
  plan: Plan,
  reporter: Reporter,
  signal: AbortSignal,
  extra: Pick<RenderOptions, 'farewell'> = {},
  { ahead = Promise.resolve(new Map()), launcher }: Prepared = {},
): Promise<'made' | 'stale'> {
  const { config, transport, survey } = reached;
  const id = newRun();
  await bring({ config, transport }, plan, await ahead, id, reporter, signal);
  signal.throwIfAborted();
  const script = render(plan, { id, base: survey.base, within: within(), ...extra, ...(survey.lists && { lists: survey.lists }) });
  const stop = () => {
    reporter.emit({ event: 'note', text: 'Stopping after this step. The host keeps what was done; running again is safe.' });
    transport.script(`: >/var/lib/foobar-provision/runs/${id}/stop`).catch(() => {});
  };
  signal.addEventListener('abort', stop, { once: true });
  // While the host works, this process has the time to load what the verification needs.
  let idle = !extra.farewell && config.sites.some(({ database }) => database.engine !== 'none');
  const emit: Emit = (event) => {
    if (idle && event.event === 'step') {
      idle = false;
      import('../health/mysql.ts').then(({ preloadMysql }) => preloadMysql()).catch(() => {});
    }
    reporter.emit(event);
  };
  const ending = await start(transport, id, script, plan, emit, proverOf(transport, id), launcher).then(
    async (found) => (found.kind === 'cut' ? ((await endingAfterAll(transport, id, plan, reporter.emit)) ?? found) : found),
    async (lost: unknown) => {
      const found = isUnreachable(lost) ? await endingAfterAll(transport, id, plan, reporter.emit) : undefined;
      // What came after a run that ended well was to be asked over the connection that is gone.
      if (found === undefined || found.kind === 'ok') throw lost;
      return found;
    },
  );
  signal.removeEventListener('abort', stop);
  if (ending.kind === 'stale') return 'stale';
  const redact = redactor(secretsOf(reached));
  if (ending.kind !== 'ok') throw redacted(problemOf(ending, transport.host, id), redact);
  await keepReleases(transport.host, releasesIn(plan.manifest, config));
  if (ending.held) {
    const names = plan.changes.filter(touchesAccess).map(({ resource }) => resource);
    throw redacted(heldProblem(ending.held, names, transport.host, id), redact);
  }
  return 'made';
}

function redacted({ details }: Problem, redact: (text: string) => string): Problem {
  return new Problem({ ...details, ...(details.stderr && { stderr: redact(details.stderr) }) });
}

/** How often a plan may turn out stale before it is no longer made anew: where each one is, something else keeps changing the host. */
const mostStale = 5;

/** Counts plans that came too late. Throws a Problem where that has happened too often. */
export function staleRounds(host: string): { readonly count: () => void } {
  let count = 0;
  return {
    count: () => {
      count += 1;
      if (count < mostStale) return;
      throw new Problem({
        message: `${count} plans in a row were stale when they came to ${host}: something of ours keeps changing it.`,
        host,
        hint: 'See there what runs: systemctl list-units "foobar-provision-*" certbot.service; ls -t /var/lib/foobar-provision/runs. Nothing of these plans was applied.',
      });
    },
  };
}

function isUnreachable(error: unknown): boolean {
  return error instanceof Problem && error.exit === exitCode.unreachable;
}

/** A host on which no run is under way: at a terminal one is followed to its end first, elsewhere it is a Problem with exit 3. */
export async function settled(reached: Reached, options: Options, reporter: Reporter, signal: AbortSignal): Promise<Reached> {
  const { active } = reached.survey;
  if (!active) return reached;
  if (active.kind !== 'run') return settledSoon(reached, reporter, signal);
  if (!interactive(options)) throw problemOf({ kind: 'busy', holder: active.id }, reached.transport.host, active.id);
  reporter.emit({ event: 'note', text: `A run (${active.id}) is under way on the host; following it.` });
  const ending = await follow(reached.transport, active.id, reporter.emit);
  if (ending.kind !== 'ok') reporter.emit({ event: 'note', text: problemOf(ending, reached.transport.host, active.id).message });
  signal.throwIfAborted();
  return { ...reached, survey: await again(reached) };
}

/** Seconds for which a revert or the renewal of a certificate is waited for. */
const soonSeconds = 120;

function notSettled(host: string, { kind, id }: Active): Problem {
  const [what, units] =
    kind === 'revert'
      ? ['reverts settings that nobody has proven', `foobar-provision-revert-${id}`]
      : ['renews a certificate', 'foobar-provision-certificate certbot'];
  return new Problem({
    message: `${host} ${what}, and that did not end within ${soonSeconds} s.`,
    host,
    hint: `See there what it waits for: systemctl status ${units}. Once it has ended, run again. Nothing was changed.`,
    exit: exitCode.locked,
  });
}

/** Waits until what works on the host for a short time has ended. */
async function settledSoon(reached: Reached, reporter: Reporter, signal: AbortSignal): Promise<Reached> {
  const deadline = performance.now() + soonSeconds * 1000;
  for (let now = reached; ; now = { ...now, survey: await again(now) }) {
    const { active } = now.survey;
    if (!active || active.kind === 'run') return now === reached ? reached : decided(now, now.given);
    if (performance.now() > deadline) throw notSettled(now.transport.host, active);
    const what = active.kind === 'revert' ? 'settings that nobody has proven are reverted' : 'a certificate is renewed';
    reporter.emit({ event: 'stage', text: `waiting: ${what}` });
    await sleep(1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

export async function again({ transport, config, playbooks }: Reached): Promise<Reached['survey']> {
  const { parseSurvey, surveyScript } = await import('../engine/survey.ts');
  return parseSurvey(await transport.script(surveyScript(config, playbooks), { timeout: surveySeconds }), config.name, transport.login);
}

/** Walks the hops; `as` says what is asked for each check, where the host is another than the configuration has it. */
export async function healthOf(
  reached: Reached,
  onHop: (hop: Hop) => void,
  as: (check: Check) => readonly Check[] = (check) => [check],
): Promise<readonly Hop[]> {
  const { config, playbooks, transport, survey } = reached;
  const { verify } = await import('../health/verify.ts');
  const checks = checksOf(playbooks, config, survey.facts).flatMap(as);
  return verify(checks, { transport, addresses: survey.facts.addresses, secret: survey.secret, secrets: secretsOf(reached) }, onHop);
}

/** The result of a run whose changes are made: healthy or not decides. */
export function concluded(
  plan: Plan,
  hops: readonly Hop[],
  reporter: Reporter,
  host: string,
  changed = plan.changes.length + plan.handlers.length,
): Result {
  for (const hop of hops) reporter.emit({ event: 'hop', host, hop });
  const healthy = hops.every(({ ok }) => ok);
  return { ok: healthy, changed, checked: plan.checked, healthy, exitCode: healthy ? exitCode.done : exitCode.unhealthy };
}
