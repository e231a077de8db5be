import { handlerId } from '../engine/handler.ts';
import type { Remembered } from '../engine/manifest.ts';
import { fingerprint, type Manifest } from '../engine/manifest.ts';
import { type Change, type Comparison, type Plan, withRemovals } from '../engine/plan.ts';
import type { DesiredResource, Playbook } from '../engine/playbook.ts';
import type { Kind } from '../engine/resource.ts';
import { nameOf, parseName, type ResourceId } from '../engine/resource-id.ts';

/**
 * Returns the resources that a deploy has to read. If the manifest says that only the application has changed, it is only the resources of
 * the deploying playbooks; if other changes, handlers or removals are pending, it is everything, so that they are reported as in a full
 * run.
 */
export function deployScope(
  desired: readonly DesiredResource[],
  remembered: Remembered,
  playbooks: readonly Playbook[],
  kinds: ReadonlyMap<string, Kind>,
): Pick<Comparison, 'desired' | 'remembered'> {
  const { manifest, pending, pendingHandlers } = remembered;
  const deploying = deployingOf(playbooks);
  const isSettled = manifest !== undefined && !pending && pendingHandlers.length === 0;
  if (!isSettled) return { desired, remembered };
  // Each deploy removes the services of an earlier release.
  const removals = withRemovals(desired, remembered, kinds).slice(desired.length);
  if (removals.some(({ playbook, resource }) => !deploying.has(playbook) || resource.kind !== 'service')) return { desired, remembered };
  const others = desired.filter(({ playbook }) => !deploying.has(playbook));
  if (others.some(({ resource }) => manifest.resources[nameOf(resource)]?.wanted !== fingerprint(resource))) return { desired, remembered };
  // Only the host knows whether a secret's value has changed.
  const isLookedAt = (playbook: string, { kind }: ResourceId) => deploying.has(playbook) || kind === 'secret';
  const resources = Object.fromEntries(
    Object.entries(manifest.resources).filter(([name, { playbook }]) => isLookedAt(playbook, parseName(name))),
  );
  return {
    desired: desired.filter(({ playbook, resource }) => isLookedAt(playbook, resource)),
    remembered: { ...remembered, manifest: { ...manifest, resources } },
  };
}

function deployingOf(playbooks: readonly Playbook[]): ReadonlySet<string> {
  return new Set(playbooks.flatMap(({ name, deploys }) => (deploys ? [name] : [])));
}

/** A plan for the application only, and the number of other pending changes. */
export interface Deployment {
  readonly plan: Plan;
  /** The number of changes and handlers that wait for the next full run. */
  readonly waiting: number;
}

/**
 * Returns the part of a plan that concerns the application: the changes of the deploying playbooks and the handlers that they notify. The
 * manifest keeps everything else, so the next full run finds the same other changes. Pending handlers of an interrupted run stay pending.
 */
export function deploymentOf(plan: Plan, playbooks: readonly Playbook[], remembered: Remembered): Deployment {
  const deploying = deployingOf(playbooks);
  const part = partOf(plan, ({ playbook }) => deploying.has(playbook), remembered);
  return {
    plan: part,
    waiting: plan.changes.length - part.changes.length + plan.handlers.length - part.handlers.length,
  };
}

/**
 * Returns the plan with these changes only and the handlers that they notify. The manifest keeps the last records of the other resources.
 */
export function partOf(plan: Plan, has: (part: Pick<Change, 'playbook' | 'resource'>) => boolean, remembered: Remembered): Plan {
  const changes = plan.changes.filter(has);
  const notified = new Set(changes.flatMap(({ notify }) => notify.map(handlerId)));
  return {
    ...plan,
    changes,
    handlers: plan.handlers.filter((handler) => notified.has(handlerId(handler))),
    clearedHandlers: [],
    refused: plan.refused.filter(has),
    manifest: narrowed(plan.manifest, has, remembered),
  };
}

/** Returns a manifest with the plan's entries for these resources, and for the rest the last committed ones and those of an interrupted run. */
function narrowed(
  manifest: Manifest,
  has: (part: Pick<Change, 'playbook' | 'resource'>) => boolean,
  { manifest: last, pending }: Remembered,
): Manifest {
  const isPart = ([name, { playbook }]: readonly [string, { readonly playbook: string }]) => has({ playbook, resource: parseName(name) });
  const fresh = Object.entries(manifest.resources).filter(isPart);
  const others = Object.entries({ ...pending?.resources, ...last?.resources }).filter((entry) => !isPart(entry));
  const resources = Object.fromEntries([...others, ...fresh]);
  // Nothing notifies the handlers of earlier releases any more.
  const notified = new Set(Object.values(resources).flatMap(({ notify }) => notify));
  const handlers = { ...manifest.handlers, ...pending?.handlers, ...last?.handlers };
  return {
    ...manifest,
    ...(last?.held && { held: last.held }),
    resources,
    handlers: Object.fromEntries(Object.entries(handlers).filter(([id]) => notified.has(id))),
  };
}
