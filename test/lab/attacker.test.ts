import { afterAll, beforeAll, describe, test } from 'vitest';
import { attackerOn, threeSites } from './attacker.ts';
import { lab } from './host.ts';

describe('a site that was taken over, on a host of three', () => {
  const here = lab('trixie', {
    include: ['nginx', 'mariadb-server', 'php8.4-fpm', 'php8.4-mysql', 'gunicorn', 'cron', 'at', 'acl', 'attr'],
  });
  const attacker = attackerOn(here);

  beforeAll(async () => attacker.begin(threeSites()));
  afterAll(() => process.stdout.write(`${attacker.counts.attacks} attacks\n`));

  // Workers, hooks and scheduled commands are in `test/proof`, with the races.
  test.each(['php', 'python'] as const)('gets at nothing of others from its %s', async (origin) => attacker.shellBatch(origin));

  test('gets at nothing of others by PHP itself', attacker.phpBatch);

  test('gets at nothing of others by the requests that it makes', attacker.requests);
});
