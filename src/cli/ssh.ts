import { Problem } from '../error.ts';
import type { Result } from '../operations/event.ts';
import type { Invocation } from './invocation.ts';
import { inSite } from './run.ts';

export async function sshCommand(invocation: Invocation): Promise<Result> {
  if (invocation.options.json)
    throw new Problem({ message: 'A shell prints no JSON.', hint: 'Use foobar-provision run --json -- COMMAND for one command.' });
  return inSite(invocation, []);
}
