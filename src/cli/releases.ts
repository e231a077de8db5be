import { connectWhileResolving } from '../operations/connect.ts';
import type { Result } from '../operations/event.ts';
import { releases } from '../operations/releases.ts';
import { inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';

export async function releasesCommand(invocation: Invocation): Promise<Result> {
  const context = contextOf(invocation);
  const opened = await connectWhileResolving(await inputOf(invocation, { sendsNothing: true }), connectOf(invocation), context);
  return inSession(opened, (fleet) => releases(fleet, context, invocation.options.site));
}
