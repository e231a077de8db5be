import type { Plan } from '../engine/plan.ts';
import { Problem } from '../error.ts';
import { onEveryHost } from './on-every-host.ts';
import type { Context, HostSession } from './session.ts';
import { countOf } from './summarize.ts';

export interface Consent {
  /** True if the plan was approved in advance. */
  readonly approved?: boolean | undefined;
  /** True if the diffs of new files, which are their whole text, are shown too. */
  readonly allDiffs?: boolean | undefined;
}

/** A host and its plan. */
export interface HostPlan {
  readonly session: HostSession;
  readonly plan: Plan;
}

/**
 * Shows the plans, and asks once whether to apply them all. Rejects with a Problem if the user has not approved them in advance and cannot
 * be asked.
 */
export async function confirmPlans(plans: readonly HostPlan[], consent: Consent, context: Context): Promise<boolean> {
  const ask = consent.approved ? undefined : context.confirm;
  const shown = await onEveryHost(plans, context, async ({ session, plan }) => ({
    host: session.transport.host,
    plan: ask || consent.allDiffs ? await (await import('./diff.ts')).withDiffs(session, plan, consent.allDiffs === true) : plan,
  }));
  for (const each of shown) context.emit({ event: 'plan', ...each });
  // Removing what interrupted runs have left, and updating this program's record, needs no approval.
  if (consent.approved || plans.every(({ plan }) => countOf(plan) === 0)) return true;
  if (ask) return ask(plans.length === 1 ? 'Apply this plan?' : 'Apply these plans?');
  throw new Problem({
    message: 'There is no terminal to ask for confirmation, so the plan was not applied.',
    hint: 'Run again with --yes to apply it.',
  });
}
