import { requireSpace } from '../engine/disk-space.ts';
import type { Result } from '../engine/event.ts';
import { requireReady } from '../engine/preflight.ts';
import { standBy } from '../engine/run.ts';
import { exitCode, Problem } from '../error.ts';
import { type Deployment, deploymentOf } from '../release/deploy-plan.ts';
import { guessReleases, type LiveReleases, releasesIn, type Sent, sendAhead } from '../release/early-upload.ts';
import { again, concluded, healthOf, isDone, make, settled, staleRounds } from './apply.ts';
import { approach } from './approach.ts';
import { newRun } from './bring.ts';
import { leave, type Reached } from './host.ts';
import type { Options } from './options.ts';
import type { Reporter } from './output/reporter.ts';
import { planned } from './plan.ts';

/** A new release of the application, and nothing else: what is about the application is compared and changed, and what else waits is told. It asks nothing. */
export async function deploy(target: string | undefined, options: Options, reporter: Reporter, signal: AbortSignal): Promise<Result> {
  let guess: Guess | undefined;
  const found = await approach(target, options, reporter, signal, {}, ({ config }, transport) => {
    const releases = guessReleases(transport.host, config);
    guess = { releases, sent: releases.then((known) => sendAhead(transport, config, known, newRun(), signal)) };
  });
  const { config, transport } = found;
  const { host } = transport;
  try {
    let reached = await settled(found, options, reporter, signal);
    // A run that came between may have taken what arrived.
    if (reached !== found) guess = undefined;
    const rounds = staleRounds(host);
    for (;;) {
      requireProvisioned(reached);
      const ahead = sendAsRemembered(reached, guess, signal);
      const launcher = standBy(transport);
      const { plan, waiting } = deploymentIn(reached, await planned(reached, options, reporter, true));
      if (waiting > 0)
        reporter.emit({
          event: 'note',
          text: `${waiting} other ${waiting === 1 ? 'change waits' : 'changes wait'} for the next full run.`,
        });
      reporter.emit({ event: 'plan', host, plan });
      if (!isDone(plan, reached.survey)) {
        signal.throwIfAborted();
        requireReady(plan, reached.survey, host);
        await requireSpace(transport, plan, config, reached.survey);
        const made = await make(reached, plan, reporter, signal, {}, { ahead, launcher });
        if (made === 'stale') {
          rounds.count();
          reached = { ...reached, survey: await again(reached) };
          guess = undefined;
          continue;
        }
      }
      reporter.emit({ event: 'stage', text: 'verifying' });
      return concluded(plan, await healthOf(reached, () => {}), reporter, host);
    }
  } finally {
    await leave(transport, found.survey);
  }
}

/** What was sent before the host was looked at. */
interface Guess {
  readonly releases: Promise<LiveReleases>;
  readonly sent: Promise<ReadonlyMap<string, Sent>>;
}

/** What was guessed and has arrived, or else what follows from the host's record, where that is another than what was guessed. */
async function sendAsRemembered(
  { config, transport, survey }: Reached,
  guess: Guess | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Sent>> {
  const [known, sent] = await Promise.all([guess?.releases, guess?.sent]);
  if (sent && sent.size > 0) return sent;
  const { manifest } = survey.remembered;
  const recorded = manifest ? [...releasesIn(manifest, config)] : [];
  const others = new Map(recorded.filter(([domain, release]) => known?.get(domain) !== release));
  return sendAhead(transport, config, others, newRun(), signal);
}

function deploymentIn({ playbooks, survey }: Reached, plan: Deployment['plan']): Deployment {
  return deploymentOf(plan, playbooks, survey.remembered);
}

/** A release needs the site that it is of: its user, its folders, its database. */
function requireProvisioned({ config, transport, survey }: Reached): void {
  if (survey.remembered.manifest) return;
  throw new Problem({
    message: `${config.name} has not been provisioned on ${transport.host} yet, so there is nothing to deploy to.`,
    host: transport.host,
    hint: `Run the main job first: foobar-provision ${transport.host}. Nothing was changed.`,
    exit: exitCode.failed,
  });
}
