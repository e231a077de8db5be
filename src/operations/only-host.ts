import { Problem } from '../error.ts';
import type { Fleet, HostSession } from './session.ts';

/** Returns the only host of a fleet. Throws a Problem if there are several. `what` names what works on one host only: `A saved plan`. */
export function onlyHost(fleet: Fleet, what: string): HostSession {
  const [first, ...others] = fleet;
  if (!first) throw new RangeError('an operation works on a host');
  if (others.length === 0) return first;
  throw new Problem({
    message: `${what} is for one host, and this command works on ${fleet.map(({ host }) => host.name).join(', ')}.`,
    hint: `Choose one of them with --host ${first.host.name}.`,
  });
}
