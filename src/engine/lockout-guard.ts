import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, sh } from '../command/command.ts';
import { messageOf, Problem } from '../error.ts';
import { stateFolder } from '../host-paths.ts';
import type { Transport } from '../transport/transport.ts';
import type { EngineEmit } from './event.ts';
import type { Prove } from './journal.ts';
import { defaultProofSeconds, planTouchesAccess } from './lockout.ts';
import type { RunOutcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { outcomeOf } from './run.ts';

/** A login is tried several times, because sshd may be restarting and packets may be lost. */
const maxLogins = 3;
const loginTimeoutMs = 15_000;

/** Returns the seconds within which a new SSH login has to succeed; `FOOBAR_REVERT_SECONDS` overrides them, from 5 to 600. */
export function revertSeconds(value = process.env.FOOBAR_REVERT_SECONDS): number {
  if (!value) return defaultProofSeconds;
  const seconds = Number(value);
  if (Number.isInteger(seconds) && seconds >= 5 && seconds <= 600) return seconds;
  throw new Problem({
    message: `FOOBAR_REVERT_SECONDS is ${JSON.stringify(value)}.`,
    hint: 'Set it to a whole number of seconds from 5 to 600, or unset it.',
  });
}

/**
 * Returns a function that logs in over a new connection and records on the host that this worked. If the login fails, it reports the reason
 * over the old connection, so that the run does not have to wait.
 */
export function reconnectProbe(transport: Transport, id: string): Prove {
  const run = `${stateFolder}/runs/${id}`;
  return async (seconds) => {
    const refused = await tryNewLogin(transport, sh`: >${`${run}/proven`}`, Date.now() + seconds * 1000);
    if (refused === undefined) return;
    // If the old connection is dead too, the host reverts the settings by itself after the timeout.
    await transport.script(sh`printf '%s\\n' ${refused} >${`${run}/refused`}`).catch(() => {});
  };
}

/** Resolves to the reason why the login failed, or to undefined if it succeeded. */
async function tryNewLogin(transport: Transport, script: Command, deadline: number): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const time = Math.max(1000, Math.min(loginTimeoutMs, deadline - Date.now()));
    const signal = AbortSignal.timeout(time);
    try {
      const fresh = await transport.again(signal);
      await fresh.script(script).finally(() => fresh.close());
      return undefined;
    } catch (error) {
      const why = messageOf(error);
      const reason = signal.aborted ? `A new SSH login did not succeed within ${Math.round(time / 1000)} s.` : why;
      if (attempt >= maxLogins || deadline - Date.now() < loginTimeoutMs) return reason;
      await sleep(2000);
    }
  }
}

/**
 * Resolves to the outcome of a run that changed SSH access when the connection was lost or the run died. The host reverts such changes by
 * itself, so a new login works again after the timeout. Resolves to undefined if the plan does not touch SSH access, or if the outcome is
 * unknown.
 */
export async function outcomeAfterLostLink(
  transport: Transport,
  id: string,
  plan: Plan,
  emit: EngineEmit,
): Promise<RunOutcome | undefined> {
  if (!planTouchesAccess(plan)) return undefined;
  const deadline = Date.now() + (revertSeconds() + 60) * 1000;
  for (let isNoted = false; Date.now() < deadline; await sleep(2000)) {
    const found = await askOutcome(transport, id, plan).catch(() => undefined);
    if (found && !found.isActive) return found.outcome;
    if (isNoted) continue;
    emit({
      event: 'note',
      host: transport.host,
      text: `Lost the connection while changing SSH or firewall settings. The host reverts them within ${revertSeconds()} s.`,
    });
    isNoted = true;
  }
  return undefined;
}

async function askOutcome(
  transport: Transport,
  id: string,
  plan: Plan,
): Promise<{ readonly outcome: RunOutcome; readonly isActive: boolean }> {
  const fresh = await transport.again(AbortSignal.timeout(loginTimeoutMs));
  return outcomeOf(fresh, id, plan).finally(() => fresh.close());
}
