import { describe, expect, test } from 'vitest';
import { interruptions } from '../lab/disturb.ts';
import { killFirstRuns, killUpdates } from '../lab/kills.ts';
import { stack } from '../lab/packages.ts';

/** The number of interruptions. First runs that install packages take half a minute, so most of them hit updates. */
const kills = Number(process.env.FOOBAR_KILLS ?? 100);
const bare = Math.max(1, Math.floor(kills / 16));
const steps = Math.floor(kills / 2);
/** The steps near the switch of the release, each by some of the kinds of interruption, whatever `FOOBAR_KILLS` says. */
const nearSwitch = [20, 9, 8, 10, 11, 12, 11, 11, 2, 10, 12];
/** Random, so that over several nights every kind of interruption hits every step. */
const shift = Math.floor(Math.random() * interruptions.length);

describe('a killed run and the next one leave the host as if nothing had happened', () => {
  test(`during ${bare} first runs on bare hosts`, { timeout: bare * 240_000 + 240_000 }, async () => {
    await killFirstRuns(bare);
  });
  test(`at each of the first ${steps} steps of a first run on a host that has the packages`, { timeout: steps * 120_000 }, async () => {
    expect(await killFirstRuns(steps, (n) => ({ step: n + 1 }), stack, shift)).toBeGreaterThan(Math.min(steps, 40) - 1);
  });
  test(`during ${nearSwitch.length} runs on a host that serves, near the switch`, { timeout: 900_000 }, () =>
    killUpdates(nearSwitch.length, (n) => ({ step: nearSwitch[n] ?? 1 })),
  );
  test(`during ${kills - bare} runs on a host that serves`, { timeout: kills * 90_000 + 240_000 }, () => killUpdates(kills - bare));
});
