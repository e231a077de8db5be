import { connectWhileResolving } from '../operations/connect.ts';
import type { Result } from '../operations/event.ts';
import { rollback } from '../operations/rollback.ts';
import { inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';

export async function rollbackCommand(invocation: Invocation): Promise<Result> {
  const context = contextOf(invocation);
  const opened = await connectWhileResolving(await inputOf(invocation, { sendsNothing: true }), connectOf(invocation), context);
  return inSession(opened, (fleet) => rollback({ to: invocation.options.to, site: invocation.options.site }, fleet, context));
}
