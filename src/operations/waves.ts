import type { HostPlan } from './confirm-plans.ts';

/**
 * Divides runs into waves, each of which begins when the one before has ended: databases come before the servers that use them. A removal
 * goes the other way.
 */
export function wavesOf<Run extends Pick<HostPlan, 'session'> & { readonly execution?: { readonly removesConfiguration?: boolean } }>(
  runs: readonly Run[],
): readonly (readonly Run[])[] {
  const usesDatabase = ({ session: { host } }: Run) => host.roles.includes('web') && !host.roles.includes('database');
  const waves = [runs.filter((run) => !usesDatabase(run)), runs.filter(usesDatabase)].filter((wave) => wave.length > 0);
  return runs.every(({ execution }) => execution?.removesConfiguration) ? waves.toReversed() : waves;
}
