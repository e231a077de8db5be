import { describe, test, vi } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';
import { stack } from './packages.ts';
import { loseFirstRuns } from './unattended.ts';

describe.skipIf(unsupported() !== undefined)('a first run whose client is lost, without another command', () => {
  test('the site goes live although the client was killed or SSH refused', { timeout: 600_000 }, async () => {
    vi.stubEnv('FOOBAR_REVERT_SECONDS', '12');
    await loseFirstRuns(2, 181, stack, ['client', 'refused']);
  });
});
