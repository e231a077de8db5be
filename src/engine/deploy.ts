import type { Manifest } from './manifest.ts';
import type { Plan, Remembered } from './plan.ts';
import type { Playbook } from './playbook.ts';

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
  const deploying = new Set(playbooks.flatMap(({ name, deploys }) => (deploys ? [name] : [])));
  const own = ({ playbook }: { readonly playbook: string }) => deploying.has(playbook);
  const changes = plan.changes.filter(own);
  const asked = new Set(changes.flatMap(({ notify }) => notify.map(({ id }) => id)));
  const handlers = plan.handlers.filter(({ id }) => asked.has(id));
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
  return {
    ...manifest,
    resources: Object.fromEntries([...others, ...fresh]),
    handlers: { ...manifest.handlers, ...pending?.handlers, ...last?.handlers },
  };
}
