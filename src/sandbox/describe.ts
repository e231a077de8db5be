import { hostPaths } from './paths.ts';
import type { ListedSandbox } from './sandbox.ts';
import { slotAt } from './slot.ts';
import type { State } from './state.ts';

/** Describes a host from its saved state, whether it runs or not. */
export function describeHost({ name, suite, slot, owner, publish }: State): Omit<ListedSandbox, 'pid'> {
  const { address, gateway } = slotAt(slot);
  const { identity, knownHosts, root } = hostPaths(name);
  return {
    ...{ name, suite, address, gateway, port: 22, user: 'root', identity, knownHosts, root },
    ...(owner !== undefined && { owner }),
    ...(publish?.port !== undefined && { url: `http://127.0.0.1:${publish.port}/` }),
  };
}
