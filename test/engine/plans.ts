import type { Remembered } from '../../src/engine/manifest.ts';
import { compare, type Plan } from '../../src/engine/plan.ts';
import type { Resource } from '../../src/engine/resource.ts';
import { kinds } from '../../src/resources/index.ts';
import { trixie } from '../playbooks/hosts.ts';

/** Returns the plan for the resources of each playbook, and a host on which the readers printed this, by default nothing. */
export function planOf(
  playbooks: Readonly<Record<string, readonly Resource[]>>,
  outputs: Readonly<Record<string, string>> = {},
  remembered: Partial<Remembered> = {},
  allowDestroy = false,
  siteOf: (resource: Resource) => string | undefined = () => undefined,
): Plan {
  return compare({
    name: 'foobar.com',
    version: '1.0.0',
    desired: Object.entries(playbooks).flatMap(([playbook, resources]) =>
      resources.map((resource) => {
        const site = siteOf(resource);
        return { playbook, resource, ...(site !== undefined && { site }) };
      }),
    ),
    remembered: { others: [], pendingHandlers: [], ...remembered },
    kinds,
    outputs: new Map(Object.entries(outputs)),
    facts: trixie,
    allowDestroy,
  });
}
