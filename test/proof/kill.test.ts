import { describe, test } from 'vitest';
import { killFirstRuns, killUpdates } from '../lab/kills.ts';

/** How many blows fall. First runs install packages for half a minute, so most fall on updates. */
const kills = Number(process.env.FOOBAR_KILLS ?? 100);
const bare = Math.max(1, Math.floor(kills / 16));

describe('a run that is killed, and once more: as if nothing had happened', () => {
  test(`during ${bare} first runs on bare hosts`, { timeout: bare * 240_000 + 240_000 }, () => killFirstRuns(bare));
  test(`during ${kills - bare} runs on a host that serves`, { timeout: kills * 90_000 + 240_000 }, () => killUpdates(kills - bare));
});
