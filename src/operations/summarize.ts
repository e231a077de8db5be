import type { Plan } from '../engine/plan.ts';
import { exitCode } from '../error.ts';
import type { Hop } from '../health/check.ts';
import type { Emit, Result } from './event.ts';

/** Tells the hops after a run whose changes are made, and returns its result: whether they are healthy decides. */
export function summarize(plan: Plan, changed: number, hops: readonly Hop[], host: string, emit: Emit): Result {
  for (const hop of hops) emit({ event: 'hop', host, hop });
  return healthResult(hops, changed, plan.checked);
}

/** The result of a command that ends with the hops. */
export function healthResult(hops: readonly Hop[], changed: number, checked: number): Result {
  const healthy = hops.every(({ ok }) => ok);
  return { ok: healthy, changed, checked, healthy, exitCode: healthy ? exitCode.done : exitCode.unhealthy };
}

/** Returns how much a plan does to the host. */
export function countOf({ changes, handlers }: Plan): number {
  return changes.length + handlers.length;
}
