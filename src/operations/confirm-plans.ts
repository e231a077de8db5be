import type { Plan } from '../engine/plan.ts';
import { Problem } from '../error.ts';
import { everywhere } from './barrier.ts';
import type { Context, HostSession } from './session.ts';
import { countOf } from './summarize.ts';

export interface Consent {
  /** The plan was agreed to before it was made. */
  readonly approved?: boolean | undefined;
  /** Differences of new files are wanted too, which are their whole text. */
  readonly allDiffs?: boolean | undefined;
}

/** A host, and what is to be changed there. */
export interface HostPlan {
  readonly session: HostSession;
  readonly plan: Plan;
}

/** Shows the plans, and asks once whether to apply them all. Rejects with a Problem where that was not said before and nobody can be asked. */
export async function confirmPlans(plans: readonly HostPlan[], consent: Consent, context: Context): Promise<boolean> {
  const ask = consent.approved ? undefined : context.confirm;
  const shown = await everywhere(plans, context, async ({ session: { transport }, plan }) => ({
    host: transport.host,
    plan: ask || consent.allDiffs ? await (await import('./diff.ts')).withDiffs(transport, plan, consent.allDiffs === true) : plan,
  }));
  for (const each of shown) context.emit({ event: 'plan', ...each });
  // What interrupted runs have left and what the host remembers of us is ours, and nobody needs to be asked.
  if (consent.approved || plans.every(({ plan }) => countOf(plan) === 0)) return true;
  if (ask) return ask(plans.length === 1 ? 'Apply this plan?' : 'Apply these plans?');
  throw new Problem({
    message: 'There is no terminal to ask for confirmation, so the plan was not applied.',
    hint: 'Run again with --yes to apply it.',
  });
}
