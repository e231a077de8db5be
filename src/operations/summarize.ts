import type { Config } from '../config/config.ts';
import type { Plan } from '../engine/plan.ts';
import { exitCode } from '../error.ts';
import type { Hop } from '../health/check.ts';
import type { Emit, HostResult, Result, SiteResult } from './event.ts';
import { type FailedSite, failedSitesProblem } from './failed-site.ts';

/** Emits the hops after a run, and returns the host's result, which is ok if the hops are healthy. */
export function summarize(plan: Plan, changed: number, hops: readonly Hop[], host: string, emit: Emit): HostResult {
  for (const hop of hops) emit({ event: 'hop', host, hop });
  return healthResult(host, hops, changed, plan.checked);
}

/** Returns a host's result with those of its sites. `failed` are the sites that were rolled back or left out of the run. */
export function withSites(result: HostResult, { sites }: Config, hops: readonly Hop[], failed: readonly FailedSite[]): HostResult {
  if (sites.length < 2) return result;
  const results = sites.map(({ domain }): SiteResult => {
    const found = failed.find(({ site }) => site === domain);
    if (found) return { site: domain, ok: false, error: found.problem.message };
    if (result.healthy === undefined) return { site: domain, ok: result.ok };
    // What the sites share is a part of each.
    const healthy = hops.every(({ site = domain, ok }) => ok || site !== domain);
    return { site: domain, ok: healthy, healthy };
  });
  const problem = failedSitesProblem(failed);
  if (!problem) return { ...result, sites: results };
  return { ...result, ok: false, exitCode: problem.exit, sites: results, failed };
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
  const problem = failedSitesProblem(hosts.flatMap(({ failed = [] }) => failed));
  const health = hosts.flatMap(({ healthy }) => healthy ?? []);
  return {
    ok: hosts.every(({ ok }) => ok),
    changed: sum(({ changed }) => changed),
    checked: sum(({ checked }) => checked),
    ...(health.length > 0 && { healthy: health.every(Boolean) }),
    ...(problem && { problem }),
    exitCode: hosts.map((result) => result.exitCode).find((code) => code !== exitCode.done) ?? exitCode.done,
    hosts,
  };
}

/** Returns the number of changes and handlers in a plan. */
export function countOf({ changes, handlers }: Plan): number {
  return changes.length + handlers.length;
}
