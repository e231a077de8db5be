import { connectWhileResolving } from '../operations/connect.ts';
import { deploy } from '../operations/deploy.ts';
import { type EarlyUploads, uploadByGuess } from '../operations/early-uploads.ts';
import type { Result } from '../operations/event.ts';
import { withOnlySite } from '../operations/one-site.ts';
import { inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';

export async function deployCommand(invocation: Invocation): Promise<Result> {
  const { allowDestroy, plan: saved, site } = invocation.options;
  const context = contextOf(invocation);
  const early = new Map<string, EarlyUploads>();
  const opened = await connectWhileResolving(await inputOf(invocation), connectOf(invocation), context, {
    ahead: { scope: 'the application', isKept: true },
    onConnected: ({ config }, host, transport) => {
      if (host.roles.includes('web')) early.set(host.name, uploadByGuess(withOnlySite(config, site), transport, context.signal));
    },
  });
  return inSession(opened, (fleet) => deploy({ early, allowDestroy, saved, site }, fleet, context));
}
