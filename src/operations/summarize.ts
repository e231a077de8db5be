import type { Plan } from '../engine/plan.ts';
import { exitCode } from '../error.ts';
import type { Hop } from '../health/check.ts';
import type { Emit, HostResult, Result } from './event.ts';

/** Emits the hops after a run, and returns the host's result, which is ok if the hops are healthy. */
export function summarize(plan: Plan, changed: number, hops: readonly Hop[], host: string, emit: Emit): HostResult {
  for (const hop of hops) emit({ event: 'hop', host, hop });
  return healthResult(host, hops, changed, plan.checked);
}

/** Returns the host's result of a command that checks the hops. */
export function healthResult(host: string, hops: readonly Hop[], changed: number, checked: number): HostResult {
  const healthy = hops.every(({ ok }) => ok);
  return { host, ok: healthy, changed, checked, healthy, exitCode: healthy ? exitCode.done : exitCode.unhealthy };
}

/** Returns the host's result of a command that does not check the hops. */
export function doneResult(host: string, changed: number, checked: number): HostResult {
  return { host, ok: true, changed, checked, exitCode: exitCode.done };
}

/** Returns the result of a command. It is healthy if all hosts are, and its exit code is the first that is not 0. */
export function totalOf(hosts: readonly HostResult[]): Result {
  const sum = (numberOf: (result: HostResult) => number) => hosts.reduce((all, result) => all + numberOf(result), 0);
  const health = hosts.flatMap(({ healthy }) => healthy ?? []);
  return {
    ok: hosts.every(({ ok }) => ok),
    changed: sum(({ changed }) => changed),
    checked: sum(({ checked }) => checked),
    ...(health.length > 0 && { healthy: health.every(Boolean) }),
    exitCode: hosts.map((result) => result.exitCode).find((code) => code !== exitCode.done) ?? exitCode.done,
    hosts,
  };
}

/** Returns the number of changes and handlers in a plan. */
export function countOf({ changes, handlers }: Plan): number {
  return changes.length + handlers.length;
}
