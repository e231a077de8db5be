import { afterAll, beforeAll, describe, test } from 'vitest';
import { attackerOn, threeSites } from './attacker.ts';
import { lab } from './host.ts';
import { oldPackages } from './old-server.ts';

describe('a compromised site on a host with three sites', () => {
  const here = lab('trixie', {
    include: oldPackages,
  });
  const attacker = attackerOn(here);

  beforeAll(async () => attacker.begin(threeSites()));
  afterAll(() => process.stdout.write(`${attacker.counts.attacks} attacks\n`));

  // Workers, hooks and scheduled commands are in `test/proof`, with the races.
  test.each(['php', 'python'] as const)('reaches nothing of other sites from its %s', async (origin) => attacker.shellBatch(origin));

  test('reaches nothing of other sites through PHP itself', attacker.phpBatch);

  test('reaches nothing of other sites through its own requests', attacker.requests);
});
