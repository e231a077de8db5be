import type { Result } from '../engine/event.ts';
import { connectWhileResolving } from '../operations/connect.ts';
import { inSession } from '../operations/session.ts';
import { verify } from '../operations/verify.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';

export async function verifyCommand(invocation: Invocation): Promise<Result> {
  const context = contextOf(invocation);
  const opened = await connectWhileResolving(await inputOf(invocation, { sendsNothing: true }), connectOf(invocation), context);
  return inSession(opened, (session) => verify(session, context));
}
