import { Problem } from '../error.ts';
import { connectWhileResolving } from '../operations/connect.ts';
import type { Result } from '../operations/event.ts';
import { runInSite } from '../operations/in-site.ts';
import { inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';
import { streamsOf } from './streams.ts';

export async function runCommand(invocation: Invocation): Promise<Result> {
  if (invocation.command.length === 0)
    throw new Problem({ message: 'No command was named.', hint: 'Write it after two dashes: foobar-provision run -- php -v' });
  return inSite(invocation, invocation.command);
}

/** Runs the words, or a shell if there are none, in the site that the command line names. */
export async function inSite(invocation: Invocation, words: readonly string[]): Promise<Result> {
  const context = contextOf(invocation);
  const opened = await connectWhileResolving(await inputOf(invocation, { sendsNothing: true }), connectOf(invocation), context);
  return inSession(opened, (fleet) => {
    invocation.reporter.pause();
    return runInSite({ site: invocation.options.site, words, streams: streamsOf(invocation) }, fleet, context);
  });
}
