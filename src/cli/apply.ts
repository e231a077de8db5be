import { apply } from '../operations/apply.ts';
import type { Result } from '../operations/event.ts';
import { inSession } from '../operations/session.ts';
import { contextOf, type Invocation } from './invocation.ts';
import { wantsAllDiffs } from './options.ts';
import { resolveHost } from './resolve-host.ts';

export async function applyCommand(invocation: Invocation): Promise<Result> {
  const { yes, allowDestroy, plan, waitDns, site } = invocation.options;
  const request = { approved: yes, allowDestroy, saved: plan, waitForDns: waitDns, allDiffs: wantsAllDiffs(invocation.options), site };
  return inSession(await resolveHost(invocation), (fleet) => apply(request, fleet, contextOf(invocation)));
}
