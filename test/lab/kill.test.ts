import { describe, expect, test } from 'vitest';
import { killFirstRuns, killUpdates } from './kills.ts';

/** The step at which each update is killed: once by each kind of interruption, near the switch of the release. */
const steps = [20, 9, 8, 11];

describe('a killed run and the next one leave the host as if nothing had happened', () => {
  test('during a first run on a bare host', { timeout: 480_000 }, async () => {
    // The power fails while a package is being unpacked, and one that it needs is not set up yet.
    expect(await killFirstRuns(1, () => ({ unpacking: 'nginx' }))).toBe(1);
  });
  test(`during ${steps.length} runs on a host that serves`, { timeout: 900_000 }, () =>
    killUpdates(steps.length, (n) => ({ step: steps[n] ?? 1 })),
  );
});
