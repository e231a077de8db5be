import { handlerId } from '../engine/handler.ts';
import type { Remembered } from '../engine/manifest.ts';
import { fingerprint, type Manifest } from '../engine/manifest.ts';
import { type Comparison, type Plan, withRemovals } from '../engine/plan.ts';
import type { Playbook, Wanted } from '../engine/playbook.ts';
import type { Kind } from '../engine/resource.ts';
import { nameOf, parseName, type ResourceId } from '../engine/resource-id.ts';

/**
 * What a deploy has to look at. Where the host's record says that nothing but the application has moved, that is what deploys, and the rest is not
 * read; where something else waits, is owed or is to go, it is all, so that what waits is told as a full run would tell it.
 */
export function deployScope(
  wanted: readonly Wanted[],
  remembered: Remembered,
  playbooks: readonly Playbook[],
  kinds: ReadonlyMap<string, Kind>,
): Pick<Comparison, 'wanted' | 'remembered'> {
  const { manifest, pending, owed } = remembered;
  const deploying = deployingOf(playbooks);
  const isSettled = manifest !== undefined && !pending && owed.length === 0;
  if (!isSettled || withRemovals(wanted, remembered, kinds).length > wanted.length) return { wanted, remembered };
  const others = wanted.filter(({ playbook }) => !deploying.has(playbook));
  if (others.some(({ resource }) => manifest.resources[nameOf(resource)]?.wanted !== fingerprint(resource))) return { wanted, remembered };
  // The host alone knows whether a secret's value is another.
  const isLookedAt = (playbook: string, { kind }: ResourceId) => deploying.has(playbook) || kind === 'secret';
  const resources = Object.fromEntries(
    Object.entries(manifest.resources).filter(([name, { playbook }]) => isLookedAt(playbook, parseName(name))),
  );
  return {
    wanted: wanted.filter(({ playbook, resource }) => isLookedAt(playbook, resource)),
    remembered: { ...remembered, manifest: { ...manifest, resources } },
  };
}

function deployingOf(playbooks: readonly Playbook[]): ReadonlySet<string> {
  return new Set(playbooks.flatMap(({ name, deploys }) => (deploys ? [name] : [])));
}

/** A plan of the application alone, and what else the whole plan would do. */
export interface Deployment {
  readonly plan: Plan;
  /** Changes and handlers that wait for the next full run. */
  readonly waiting: number;
}

/**
 * The part of a plan that is about the application: the changes of the playbooks that deploy, with what they set off. The host goes on to remember
 * everything else as it did, so the next full run finds it as this one would have. What a cut run owes stays owed.
 */
export function deploymentOf(plan: Plan, playbooks: readonly Playbook[], remembered: Remembered): Deployment {
  const deploying = deployingOf(playbooks);
  const own = ({ playbook }: { readonly playbook: string }) => deploying.has(playbook);
  const changes = plan.changes.filter(own);
  const asked = new Set(changes.flatMap(({ notify }) => notify.map(handlerId)));
  const handlers = plan.handlers.filter((handler) => asked.has(handlerId(handler)));
  return {
    plan: {
      ...plan,
      changes,
      handlers,
      settled: [],
      refused: plan.refused.filter(own),
      manifest: narrowed(plan.manifest, deploying, remembered),
    },
    waiting: plan.changes.length - changes.length + plan.handlers.length - handlers.length,
  };
}

/** What is about the application is from the plan, all else as it was last committed; what only a cut run knows of is not forgotten. */
function narrowed(manifest: Manifest, deploying: ReadonlySet<string>, { manifest: last, pending }: Remembered): Manifest {
  const fresh = Object.entries(manifest.resources).filter(([, { playbook }]) => deploying.has(playbook));
  const others = Object.entries({ ...pending?.resources, ...last?.resources }).filter(([, { playbook }]) => !deploying.has(playbook));
  const resources = Object.fromEntries([...others, ...fresh]);
  // Of what ran an earlier release nobody asks for anything any more.
  const asked = new Set(Object.values(resources).flatMap(({ notify }) => notify));
  const handlers = { ...manifest.handlers, ...pending?.handlers, ...last?.handlers };
  return {
    ...manifest,
    ...(last?.held && { held: last.held }),
    resources,
    handlers: Object.fromEntries(Object.entries(handlers).filter(([id]) => asked.has(id))),
  };
}
