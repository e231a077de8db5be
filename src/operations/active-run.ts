import { setTimeout as sleep } from 'node:timers/promises';
import { problemOf } from '../engine/outcome.ts';
import { follow } from '../engine/run.ts';
import type { Active } from '../engine/survey.ts';
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
  if (outcome.kind !== 'ok') emit({ event: 'note', host: transport.host, text: problemOf(outcome, transport.host, id).message });
  signal.throwIfAborted();
  return resurvey(session);
}

/** The seconds to wait for a revert or the renewal of a certificate. */
const shortWorkSeconds = 120;

/** Waits until a revert or the renewal of a certificate has ended. */
async function waitForShortWork(session: HostSession, { emit, signal }: Context): Promise<HostSession> {
  const deadline = performance.now() + shortWorkSeconds * 1000;
  for (let now = session; ; now = await resurvey(now)) {
    const { active } = now.survey;
    if (!active || active.kind === 'run') return now;
    if (performance.now() > deadline) throw tooLong(now.transport.host, active);
    const what = active.kind === 'revert' ? 'settings that nobody has proven are reverted' : 'a certificate is renewed';
    emit({ event: 'stage', host: now.transport.host, text: `waiting: ${what}` });
    await sleep(1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function tooLong(host: string, { kind, id }: Active): Problem {
  const [what, units] =
    kind === 'revert'
      ? ['reverts settings that nobody has proven', `foobar-provision-revert-${id}`]
      : ['renews a certificate', 'foobar-provision-certificate certbot'];
  return new Problem({
    message: `${host} ${what}, and that did not finish within ${shortWorkSeconds} s.`,
    host,
    hint: `See what it waits for there: systemctl status ${units}. Once it has ended, run again.`,
    exit: exitCode.locked,
  });
}
