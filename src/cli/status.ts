import { connectWhileResolving } from '../operations/connect.ts';
import type { Result } from '../operations/event.ts';
import { inSession } from '../operations/session.ts';
import { status } from '../operations/status.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';

export async function statusCommand(invocation: Invocation): Promise<Result> {
  const context = contextOf(invocation);
  const ahead = { scope: 'everything', isKept: false } as const;
  const opened = await connectWhileResolving(await inputOf(invocation), connectOf(invocation), context, { ahead });
  return inSession(opened, (fleet) => status(invocation.options.site, fleet, context));
}
