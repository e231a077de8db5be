import { connectWhileResolving } from '../operations/connect.ts';
import type { Result } from '../operations/event.ts';
import { history } from '../operations/history.ts';
import { inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';

export async function historyCommand(invocation: Invocation): Promise<Result> {
  const context = contextOf(invocation);
  const opened = await connectWhileResolving(await inputOf(invocation, { sendsNothing: true }), connectOf(invocation), context);
  return inSession(opened, (fleet) => history(invocation.options.site, fleet, context));
}
