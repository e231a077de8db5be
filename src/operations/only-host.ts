import type { Role } from '../config/inventory.ts';
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

/** Returns the only host of a fleet with this role. Throws a Problem if there is none, or if there are several. `what` is as above. */
export function onlyHostWith(fleet: Fleet, role: Role, what: string): HostSession {
  return onlyHost(hostsWith(fleet, role, what), what);
}

/** Returns the hosts of a fleet with this role. Throws a Problem if there are none. */
export function hostsWith(fleet: Fleet, role: Role, what: string): Fleet {
  const found = fleet.filter(({ host }) => host.roles.includes(role));
  const [first] = fleet;
  if (!first || found.length > 0) return found;
  const others = first.config.hosts.filter(({ roles }) => roles.includes(role)).map(({ name }) => name);
  throw new Problem({
    message: `${what} needs a server with the role ${role}, and ${fleet.map(({ host }) => host.name).join(', ')} does not have it.`,
    hint: others.length > 0 ? `Choose ${others.join(' or ')} with --host, or leave --host out.` : `Name a server in servers.${role}.`,
  });
}
