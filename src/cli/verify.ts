import { connectWhileResolving } from '../operations/connect.ts';
import type { Result } from '../operations/event.ts';
import { inSession } from '../operations/session.ts';
import { verify } from '../operations/verify.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';

export async function verifyCommand(invocation: Invocation): Promise<Result> {
  const context = contextOf(invocation);
  const opened = await connectWhileResolving(await inputOf(invocation, { sendsNothing: true }), connectOf(invocation), context);
  return inSession(opened, (fleet) => verify(fleet, context, invocation.options.site));
}
