import { parseHandler } from '../engine/handler.ts';
import type { Manifest } from '../engine/manifest.ts';
import { type Comparison, compare, type Plan } from '../engine/plan.ts';
import type { Resource } from '../engine/resource.ts';
import { nameOf } from '../engine/resource-id.ts';
import type { Release } from './inventory.ts';

/** Returns the resources that a rollback desires: the release and what ran with it. */
export function rollbackResources(current: string, { back }: Release): readonly Resource[] {
  return [...(back?.needs ?? []), ...whatRuns(current, back)];
}

/** Returns what runs for a release, without what that needs. */
export function whatRuns(current: string, back: Release['back']): readonly Resource[] {
  if (!back) return [];
  const { units, live, needs } = back;
  // Hooks before a switch prepare for a newer release, such as its schema, so a rollback does not run them.
  const { hooks } = live;
  const attributes = {
    ...live,
    ...(live.needs && { needs }),
    docroot: live.docroot ?? live.by?.docroot ?? '.',
    units,
    ...(hooks && { hooks: { ...hooks, before: [] } }),
  };
  return [...units, { kind: 'live', id: current, attributes, notify: [] }];
}

/**
 * Returns the plan of a rollback: it restores what was recorded when that release was live, and stops what runs for the live one. The rest
 * of the manifest stays the same, so the next full run sees the release of the configuration as an update.
 */
export function rollbackPlan(current: string, from: Release, to: Release, input: Omit<Comparison, 'desired'>): Plan {
  const desired = rollbackResources(current, to);
  const { manifest: known, pending } = input.remembered;
  const named = new Set([...desired, ...whatRuns(current, from.back)].map(nameOf));
  const concerned = known && only(known, (name) => named.has(name));
  const interrupted = pending && only(pending, (name) => named.has(name));
  // The units of a release that is not live are not in the manifest. They belong to the site of the link.
  const ofSite = known?.resources[nameOf({ kind: 'live', id: current })]?.site;
  const plan = compare({
    ...input,
    desired: desired.map((resource) => {
      const { playbook = 'app', site = ofSite, notify = [] } = known?.resources[nameOf(resource)] ?? {};
      // The switch restarts the workers that are on the host now, not those that it had when the release was live.
      const restarts = notify.flatMap((id) => known?.handlers[id] ?? []).map(parseHandler);
      return {
        playbook,
        resource: resource.kind === 'live' ? { ...resource, notify: restarts } : resource,
        ...(site !== undefined && { site }),
      };
    }),
    remembered: {
      others: input.remembered.others,
      pendingHandlers: [],
      ...(concerned && { manifest: concerned }),
      ...(interrupted && { pending: interrupted }),
    },
  });
  if (!known) return plan;
  const others = only(known, (name) => !named.has(name));
  return {
    ...plan,
    manifest: {
      ...known,
      // What an interrupted run has made is remembered too, so that a later run finds it.
      resources: { ...(pending && only(pending, (name) => !named.has(name)).resources), ...others.resources, ...plan.manifest.resources },
      handlers: { ...pending?.handlers, ...known.handlers, ...plan.manifest.handlers },
    },
  };
}

function only(manifest: Manifest, which: (name: string) => boolean): Manifest {
  return { ...manifest, resources: Object.fromEntries(Object.entries(manifest.resources).filter(([name]) => which(name))) };
}
