import { describe, test } from 'vitest';
import { killFirstRuns, killUpdates, sequence } from './kills.ts';

/** A dozen blows at the same instants each time; `npm run proof` has a hundred at random ones. */
describe('a run that is killed, and once more: as if nothing had happened', () => {
  test('during a first run on a bare host', { timeout: 600_000 }, () => killFirstRuns(1, sequence(1_234_567)));
  test('during eleven runs on a host that serves', { timeout: 900_000 }, () => killUpdates(11, sequence(7_654_321)));
});
