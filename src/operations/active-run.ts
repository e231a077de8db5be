import { setTimeout as sleep } from 'node:timers/promises';
import { problemOf, siteProblem } from '../engine/outcome.ts';
import type { BusyUnit } from '../engine/playbook.ts';
import { follow } from '../engine/run.ts';
import { type Active, busyUnitsOf } from '../engine/survey.ts';
import { exitCode, Problem } from '../error.ts';
import { withHttpsDecision } from './https-decision.ts';
import type { Context, HostSession } from './session.ts';
import { resurvey } from './survey-host.ts';

/**
 * Waits until no run is active on the host, and resolves to a new session. If a person is there, another run is followed to its end;
 * otherwise it is a Problem with exit code 3.
 */
export async function waitForActiveRun(session: HostSession, context: Context): Promise<HostSession> {
  const { active } = session.survey;
  if (!active) return session;
  const now = active.kind === 'run' ? await followRun(session, active, context) : await waitForShortWork(session, context);
  return withHttpsDecision(now, now.configBeforeHttps);
}

async function followRun(session: HostSession, { id }: Active, { emit, confirm, signal }: Context): Promise<HostSession> {
  const { transport } = session;
  if (!confirm) throw problemOf({ kind: 'busy', holder: id }, transport.host, id);
  emit({ event: 'note', host: transport.host, text: `A run (${id}) is in progress on the host; following it.` });
  const outcome = await follow(transport, id, emit);
  const { host } = transport;
  if (outcome.kind !== 'ok') emit({ event: 'note', host, text: problemOf(outcome, host, id).message });
  else for (const failed of outcome.failed ?? []) emit({ event: 'note', host, text: siteProblem(failed, host, id).message });
  signal.throwIfAborted();
  return resurvey(session);
}

/** The seconds to wait for a revert or a playbook's busy unit. */
const shortWorkSeconds = 120;

/** Waits until a revert or a playbook's busy unit has ended. */
async function waitForShortWork(session: HostSession, { emit, signal }: Context): Promise<HostSession> {
  const deadline = performance.now() + shortWorkSeconds * 1000;
  for (let now = session; ; now = await resurvey(now)) {
    const { active } = now.survey;
    if (!active || active.kind === 'run') return now;
    if (performance.now() > deadline) throw tooLong(now, active);
    emit({ event: 'stage', host: now.transport.host, text: `waiting: the host ${workOf(now, active).does}` });
    await sleep(1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Returns the unit that is busy on the host, with what it does. */
function workOf({ playbooks, dropped }: HostSession, { kind, id }: Active): BusyUnit {
  if (kind === 'revert') return { unit: `foobar-provision-revert-${id}.service`, does: 'reverts settings that nobody has proven' };
  return busyUnitsOf([...playbooks, ...dropped]).find(({ unit }) => unit === id) ?? { unit: id, does: `is busy with ${id}` };
}

function tooLong(session: HostSession, active: Active): Problem {
  const { host } = session.transport;
  const { unit, does } = workOf(session, active);
  return new Problem({
    message: `${host} ${does}, and that did not finish within ${shortWorkSeconds} s.`,
    host,
    hint: `See on the host what it waits for: systemctl status ${unit}. Once it has ended, run again.`,
    exit: exitCode.locked,
  });
}
