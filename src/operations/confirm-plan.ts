import type { Plan } from '../engine/plan.ts';
import { Problem } from '../error.ts';
import type { Context, HostSession } from './session.ts';
import { countOf } from './summarize.ts';

export interface Consent {
  /** The plan was agreed to before it was made. */
  readonly approved?: boolean | undefined;
  /** Differences of new files are wanted too, which are their whole text. */
  readonly allDiffs?: boolean | undefined;
}

/** Shows the plan, and asks whether to apply it. Rejects with a Problem where that was not said before and nobody can be asked. */
export async function confirmPlan({ transport }: HostSession, plan: Plan, consent: Consent, context: Context): Promise<boolean> {
  const ask = consent.approved ? undefined : context.confirm;
  context.emit({
    event: 'plan',
    host: transport.host,
    plan: ask || consent.allDiffs ? await (await import('./diff.ts')).withDiffs(transport, plan, consent.allDiffs === true) : plan,
  });
  // What interrupted runs have left and what the host remembers of us is ours, and nobody needs to be asked.
  if (consent.approved || countOf(plan) === 0) return true;
  if (ask) return ask('Apply this plan?');
  throw new Problem({
    message: 'There is no terminal to ask for confirmation, so the plan was not applied.',
    hint: 'Run again with --yes to apply it. Nothing was changed.',
  });
}
