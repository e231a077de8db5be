import { Problem } from '../error.ts';
import { connectWhileResolving } from '../operations/connect.ts';
import type { Result } from '../operations/event.ts';
import { maintenance } from '../operations/maintenance.ts';
import { inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';

export async function maintenanceCommand(invocation: Invocation): Promise<Result> {
  const { site, allow: allowed = [] } = invocation.options;
  const [word, ...more] = invocation.words;
  if (more.length > 0) throw new Problem({ message: `maintenance takes one word, not ${invocation.words.join(' ')}.`, hint: 'on, or off' });
  const on = word === 'on';
  if (!on && allowed.length > 0)
    throw new Problem({ message: '--allow is for maintenance on.', hint: 'maintenance off serves everybody.' });
  const context = contextOf(invocation);
  const opened = await connectWhileResolving(await inputOf(invocation, { sendsNothing: true }), connectOf(invocation), context);
  return inSession(opened, (fleet) => maintenance({ site, on, allowed }, fleet, context));
}
