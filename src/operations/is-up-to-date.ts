import { isDeepStrictEqual } from 'node:util';
import type { Plan } from '../engine/plan.ts';
import type { Survey } from '../engine/survey.ts';
import { countOf } from './summarize.ts';

/** Nothing to change, nothing owed, nothing left of interrupted runs, and the host's record of it is the one that a run would write. */
export function isUpToDate(plan: Plan, { remembered, leftovers }: Survey): boolean {
  return countOf(plan) === 0 && !remembered.pending && !leftovers && isDeepStrictEqual(remembered.manifest, plan.manifest);
}
