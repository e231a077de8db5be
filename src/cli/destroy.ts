import { Problem } from '../error.ts';
import { connectAndSurvey } from '../operations/connect.ts';
import { destroy } from '../operations/destroy.ts';
import type { Result } from '../operations/event.ts';
import { inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, resolvedOf } from './invocation.ts';

export async function destroyCommand(invocation: Invocation): Promise<Result> {
  const { yes, allowDestroy, plan, verbose, site } = invocation.options;
  if (site !== undefined)
    throw new Problem({
      message: '`destroy` removes the whole configuration, not one site of it.',
      hint: 'To remove one site, remove it from the configuration and apply that with --allow-destroy.',
    });
  const context = contextOf(invocation);
  const { playbooks, ...resolved } = await resolvedOf(invocation);
  // Without playbooks nothing is desired, so everything that exists is removed.
  const opened = await connectAndSurvey({ ...resolved, playbooks: [], dropped: playbooks }, connectOf(invocation), context);
  return inSession(opened, (fleet) => destroy({ approved: yes, allowDestroy, saved: plan, allDiffs: verbose }, fleet, context));
}
