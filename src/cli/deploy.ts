import { sendAhead } from '../engine/ahead.ts';
import { type Deployment, deploymentOf } from '../engine/deploy.ts';
import type { Result } from '../engine/event.ts';
import { requireReady } from '../engine/ready.ts';
import { requireSpace } from '../engine/space.ts';
import { exitCode, Problem } from '../error.ts';
import { again, concluded, healthOf, isDone, make, settled } from './apply.ts';
import { approach } from './approach.ts';
import { newRun } from './bring.ts';
import { leave, type Reached } from './host.ts';
import type { Options } from './options.ts';
import { planned } from './plan.ts';
import type { Reporter } from './reporter.ts';

/** A new release of the application, and nothing else: what is about the application is compared and changed, and what else waits is told. It asks nothing. */
export async function deploy(target: string | undefined, options: Options, reporter: Reporter, signal: AbortSignal): Promise<Result> {
  const found = await approach(target, options, reporter, signal);
  const { config, transport } = found;
  const { host } = transport;
  try {
    let reached = await settled(found, options, reporter, signal);
    for (;;) {
      requireProvisioned(reached);
      const { remembered } = reached.survey;
      const ahead = sendAhead(transport, reached.config, remembered.manifest, newRun(), signal);
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
        requireSpace(plan, config, reached.survey, host);
        (await import('../health/mysql.ts')).preloadMysql();
        const made = await make(reached, plan, reporter, signal, {}, ahead);
        if (made === 'stale') {
          reached = { ...reached, survey: await again(reached) };
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
