import { connectWhileResolving } from '../operations/connect.ts';
import type { Result } from '../operations/event.ts';
import { rollback } from '../operations/rollback.ts';
import { inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';

export async function rollbackCommand(invocation: Invocation): Promise<Result> {
  const context = contextOf(invocation);
  const opened = await connectWhileResolving(await inputOf(invocation, { sendsNothing: true }), connectOf(invocation), context);
  const { to, site, data, yes: approved } = invocation.options;
  return inSession(opened, (fleet) => rollback({ to, site, data, approved }, fleet, context));
}
