import { notifies, sharedRemovals } from './part.ts';
import type { Change, Plan } from './plan.ts';

/** Returns the plan without some of its sites, as if they had been rolled back: their record stays, and the shared removals wait. */
export function exceptSites(plan: Plan, sites: ReadonlySet<string>): Plan {
  const left = plan.parts.filter(({ name }) => sites.has(name) || name === sharedRemovals);
  if (!left.some(({ name }) => sites.has(name))) return plan;
  const isLeft = ({ part }: Change) => left.some(({ name }) => name === part);
  const changes = plan.changes.filter((change) => !isLeft(change));
  const names = new Set(left.flatMap(({ resources }) => resources));
  const before = left.map((part) => part.before);
  return {
    ...plan,
    changes,
    handlers: plan.handlers.filter((handler) => handler.pending || changes.some((change) => notifies(change, handler))),
    // The change that makes a pending handler unnecessary may be among those that are left out.
    clearedHandlers: [],
    refused: plan.refused.filter((change) => !isLeft(change)),
    parts: plan.parts.filter((part) => !left.includes(part)),
    manifest: {
      ...plan.manifest,
      resources: Object.assign(
        Object.fromEntries(Object.entries(plan.manifest.resources).filter(([name]) => !names.has(name))),
        ...before.map(({ resources }) => resources),
      ),
      handlers: Object.assign({ ...plan.manifest.handlers }, ...before.map(({ handlers }) => handlers)),
    },
  };
}
