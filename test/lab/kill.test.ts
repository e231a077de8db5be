import { describe, test } from 'vitest';
import { killFirstRuns, killUpdates } from './kills.ts';

/** A dozen blows; `npm run proof` has a hundred. */
describe('a run that is killed, and once more: as if nothing had happened', () => {
  test('during a first run on a bare host', { timeout: 600_000 }, () => killFirstRuns(1));
  test('during eleven runs on a host that serves', { timeout: 900_000 }, () => killUpdates(11));
});
