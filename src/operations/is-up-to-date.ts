import { isDeepStrictEqual } from 'node:util';
import type { Plan } from '../engine/plan.ts';
import type { Survey } from '../engine/survey.ts';
import { countOf } from './summarize.ts';

/**
 * Returns whether there is nothing to change, no pending handler, nothing left of interrupted runs, and the same record on the host as a
 * run would write.
 */
export function isUpToDate(plan: Plan, { remembered, leftovers }: Survey): boolean {
  return countOf(plan) === 0 && !remembered.pending && !leftovers && isDeepStrictEqual(remembered.manifest, plan.manifest);
}
