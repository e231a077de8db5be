import { connectWhileResolving } from '../operations/connect.ts';
import type { Result } from '../operations/event.ts';
import { plan } from '../operations/plan.ts';
import { inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';
import { wantsAllDiffs } from './options.ts';

export async function planCommand(invocation: Invocation): Promise<Result> {
  const { allowDestroy, plan: saved, out, site } = invocation.options;
  const context = contextOf(invocation);
  const ahead = { scope: 'everything', isKept: false } as const;
  const opened = await connectWhileResolving(await inputOf(invocation), connectOf(invocation), context, { ahead });
  return inSession(opened, (fleet) =>
    plan({ allowDestroy, saved, saveTo: out, allDiffs: wantsAllDiffs(invocation.options), site }, fleet, context),
  );
}
