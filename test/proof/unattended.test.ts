import { describe, test } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';
import { stack } from '../lab/packages.ts';
import { loseFirstRuns } from '../lab/unattended.ts';

/** `FOOBAR_LOSSES` says how many, `FOOBAR_SEED` at which instants. */
const count = Number(process.env.FOOBAR_LOSSES ?? 40);
const seed = Number(process.env.FOOBAR_SEED ?? Date.now() % 1_000_000);

describe.skipIf(unsupported() !== undefined)('after a first run whose client is lost, without another command, the site is live', () => {
  const bare = Math.max(1, Math.floor(count / 4));
  test(`${bare} times on a bare host`, { timeout: (bare + 1) * 240_000 }, () => loseFirstRuns(bare, seed, []));
  test(`${count - bare} times on one that has the packages`, { timeout: (count + 1) * 150_000 }, () =>
    loseFirstRuns(count - bare, seed + 1, stack),
  );
});
