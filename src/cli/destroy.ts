import { connectAndSurvey } from '../operations/connect.ts';
import { destroy } from '../operations/destroy.ts';
import type { Result } from '../operations/event.ts';
import { resolveConfig } from '../operations/resolve-config.ts';
import { inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';
import { wantsAllDiffs } from './options.ts';

export async function destroyCommand(invocation: Invocation): Promise<Result> {
  const { yes, allowDestroy, plan, site } = invocation.options;
  const context = contextOf(invocation);
  const { playbooks, ...resolved } = await resolveConfig(await inputOf(invocation, { sendsNothing: true }), context.emit);
  // Without playbooks nothing is desired, so everything that exists is removed.
  const opened = await connectAndSurvey({ ...resolved, playbooks: [], dropped: playbooks }, connectOf(invocation), context);
  return inSession(opened, (fleet) =>
    destroy({ approved: yes, allowDestroy, saved: plan, allDiffs: wantsAllDiffs(invocation.options), site }, fleet, context),
  );
}
