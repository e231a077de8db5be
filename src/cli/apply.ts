import type { Result } from '../engine/event.ts';
import { forgetLists, planFor } from '../engine/host.ts';
import type { Plan } from '../engine/plan.ts';
import { checksOf } from '../engine/playbook.ts';
import { render } from '../engine/render.ts';
import { follow, problemOf, start } from '../engine/run.ts';
import { upload } from '../engine/upload.ts';
import { exitCode, Problem } from '../error.ts';
import type { Hop } from '../health/check.ts';
import { kinds } from '../resources/index.ts';
import { version } from '../version.ts';
import { configured, type Reached, reach } from './host.ts';
import { interactive, type Options } from './options.ts';
import type { Reporter } from './reporter.ts';

/** The main job: plan, ask, apply, verify. */
export async function apply(target: string | undefined, options: Options, reporter: Reporter, signal: AbortSignal): Promise<Result> {
  const asks = interactive(options) && !options.yes;
  const { config, playbooks } = await configured(target, options, reporter);
  const reached = await reach(config, playbooks, options, reporter, signal);
  try {
    const { transport } = reached;
    const { survey } = await settled(reached, options, reporter, signal);
    // Where nothing changes, the hops that were walked meanwhile are the answer.
    const early = healthOf({ ...reached, survey }, () => {});
    early.catch(() => {});
    reporter.emit({ event: 'stage', text: 'reading the host' });
    const plan = await planFor(transport, config, survey, { version, playbooks, kinds, allowDestroy: options.allowDestroy === true });
    reporter.emit({ event: 'plan', host: transport.host, plan });
    if (plan.changes.length + plan.handlers.length === 0 && !survey.remembered.pending) {
      await forgetLists(transport, survey);
      return concluded(plan, await early, reporter, transport.host);
    }
    if (!options.yes) {
      const agreed = asks && (await (await import('./ask.ts')).confirm('Apply this plan?', true, reporter));
      if (!agreed) {
        await forgetLists(transport, survey);
        if (asks) return { ok: true, changed: 0, checked: plan.checked, exitCode: exitCode.done };
        throw new Problem({
          message: 'There is no terminal to ask on, and the plan was not applied.',
          hint: 'Run again with --yes to apply it. Nothing was changed.',
        });
      }
    }
    await make(reached, survey, plan, reporter, signal);
    reporter.emit({ event: 'stage', text: 'verifying' });
    return concluded(plan, await healthOf({ ...reached, survey: await again(reached) }, () => {}), reporter, transport.host);
  } finally {
    await reached.transport.close();
  }
}

/** Sends what the plan needs, hands the host its script, and follows it. Rejects with the Problem of any ending but success. */
export async function make(
  { config, transport }: Reached,
  survey: Reached['survey'],
  plan: Plan,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const id = `${new Date().toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}-${Math.random().toString(36).slice(2, 8)}`;
  for (const { app } of config.sites) {
    if (plan.changes.some(({ resource, apply }) => resource.startsWith('release:') && apply.text.includes(app.source.digest)))
      await upload(transport, app.source, reporter.emit);
  }
  const script = render(plan, { id, base: survey.base, ...(survey.lists && { lists: survey.lists }) });
  const stop = () => {
    reporter.emit({ event: 'note', text: 'Stopping after this step. The host keeps what was done; running again is safe.' });
    transport.script(`: >/var/lib/foobar-provision/runs/${id}/stop`).catch(() => {});
  };
  signal.addEventListener('abort', stop, { once: true });
  const ending = await start(transport, id, script, plan, reporter.emit);
  signal.removeEventListener('abort', stop);
  if (ending.kind !== 'ok') throw problemOf(ending, transport.host, id);
}

/** A host on which no run is under way: at a terminal one is followed to its end first, elsewhere it is a Problem with exit 3. */
async function settled(reached: Reached, options: Options, reporter: Reporter, signal: AbortSignal): Promise<Reached> {
  const { active } = reached.survey;
  if (!active) return reached;
  if (!interactive(options)) throw problemOf({ kind: 'busy', holder: active.id }, reached.transport.host, active.id);
  reporter.emit({ event: 'note', text: `A run (${active.id}) is under way on the host; following it.` });
  const ending = await follow(reached.transport, active.id, reporter.emit);
  if (ending.kind !== 'ok') reporter.emit({ event: 'note', text: problemOf(ending, reached.transport.host, active.id).message });
  signal.throwIfAborted();
  return { ...reached, survey: await again(reached) };
}

async function again({ transport, config, playbooks }: Reached): Promise<Reached['survey']> {
  const { parseSurvey, surveyScript } = await import('../engine/host.ts');
  return parseSurvey(await transport.script(surveyScript(config, playbooks), { timeout: 180 }), config.name);
}

export async function healthOf({ config, playbooks, transport, survey }: Reached, onHop: (hop: Hop) => void): Promise<readonly Hop[]> {
  const { verify } = await import('../health/verify.ts');
  return verify(checksOf(playbooks, config, survey.facts), { transport, addresses: survey.facts.addresses, secret: survey.secret }, onHop);
}

/** The result of a run whose changes are made: healthy or not decides. */
export function concluded(plan: Plan, hops: readonly Hop[], reporter: Reporter, host: string): Result {
  for (const hop of hops) reporter.emit({ event: 'hop', host, hop });
  const healthy = hops.every(({ ok }) => ok);
  const changed = plan.changes.length + plan.handlers.length;
  return { ok: healthy, changed, checked: plan.checked, healthy, exitCode: healthy ? exitCode.done : exitCode.unhealthy };
}
