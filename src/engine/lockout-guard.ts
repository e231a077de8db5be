import { setTimeout as sleep } from 'node:timers/promises';
import { quote } from '../command/command.ts';
import { Problem } from '../error.ts';
import type { Transport } from '../transport/transport.ts';
import type { Emit } from './event.ts';
import type { Prove } from './journal.ts';
import { touchesAccess, usualWithin } from './lockout.ts';
import { stateFolder } from './manifest.ts';
import type { Ending } from './outcome.ts';
import type { Plan } from './plan.ts';
import { endingOf } from './run.ts';

/** How often a new connection is tried, and milliseconds that one may take: sshd may be starting anew, and packets may be dropped. */
const attempts = 3;
const patience = 15_000;

/** Seconds within which the way in has to be proven; `FOOBAR_REVERT_SECONDS` says otherwise, from 5 to 600. */
export function within(given = process.env.FOOBAR_REVERT_SECONDS): number {
  if (!given) return usualWithin;
  const seconds = Number(given);
  if (Number.isInteger(seconds) && seconds >= 5 && seconds <= 600) return seconds;
  throw new Problem({
    message: `FOOBAR_REVERT_SECONDS is ${JSON.stringify(given)}.`,
    hint: 'Give whole seconds from 5 to 600, or leave it out. Nothing was changed.',
  });
}

/** Comes in by a new connection and writes down there that it worked. Where it does not get in, the old one says why, so that the run need not wait. */
export function proverOf(transport: Transport, id: string): Prove {
  const run = `${stateFolder}/runs/${id}`;
  return async (seconds) => {
    const refused = await comeIn(transport, `: >${run}/proven`, Date.now() + seconds * 1000);
    if (refused === undefined) return;
    // Where the old connection is dead too, the host goes back by itself when the time is up.
    await transport.script(`printf '%s\\n' ${quote(refused)} >${run}/refused`).catch(() => {});
  };
}

/** Undefined where it got in, and else why not. */
async function comeIn(transport: Transport, script: string, deadline: number): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const time = Math.max(1000, Math.min(patience, deadline - Date.now()));
    const signal = AbortSignal.timeout(time);
    try {
      const fresh = await transport.again(signal);
      await fresh.script(script).finally(() => fresh.close());
      return undefined;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const told = signal.aborted ? `A new connection was not let in within ${Math.round(time / 1000)} s.` : why;
      if (attempt >= attempts || deadline - Date.now() < patience) return told;
      await sleep(2000);
    }
  }
}

/**
 * How a run ended that we lost while it changed the way in, or that died then: the host puts that back by itself, after which one gets in again.
 * Undefined where the run changed no such thing, or where it cannot be told.
 */
export async function endingAfterAll(transport: Transport, id: string, plan: Plan, emit: Emit): Promise<Ending | undefined> {
  if (![...plan.changes, ...plan.handlers].some(touchesAccess)) return undefined;
  const deadline = Date.now() + (within() + 60) * 1000;
  for (let told = false; Date.now() < deadline; await sleep(2000)) {
    const found = await look(transport, id, plan).catch(() => undefined);
    if (found && !found.goesOn) return found.ending;
    if (told) continue;
    emit({
      event: 'note',
      text: `The run was lost while it changed how the host lets in by SSH. Within ${within()} s the host reverts that by itself.`,
    });
    told = true;
  }
  return undefined;
}

async function look(transport: Transport, id: string, plan: Plan): Promise<{ readonly ending: Ending; readonly goesOn: boolean }> {
  const fresh = await transport.again(AbortSignal.timeout(patience));
  return endingOf(fresh, id, plan).finally(() => fresh.close());
}
