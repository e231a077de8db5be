import { join } from 'node:path';
import { expect } from 'vitest';
import { ask } from './ask.ts';
import { cli, named } from './cli.ts';
import { disturb, type Interruption } from './disturb.ts';
import type { Lab } from './host.ts';
import { domains, sitesOf, type ThreeSites } from './three-sites.ts';

/**
 * Kills a run while it works on b.test, which then fails by itself in the next run, and is repaired in the one after. The other two are
 * updated by the first run that can, and b.test serves as before until it is repaired.
 */
export async function killWithinSite(here: Lab, { home, page, configure }: ThreeSites, how: Interruption): Promise<void> {
  const served = async () => Promise.all(domains.map(async (domain) => (await ask(here.host.address, domain))?.body));
  const [, before] = await served();
  const expected = domains.map((domain) => `${domain} after a kill (${how})`);
  for (const [index, domain] of domains.entries()) page(domain, `echo '${expected[index]}';`);
  const apply = () => cli(here.host, 'apply', ['--yes'], { cwd: home });

  configure({ hooks: ['sleep 60'] });
  const live = 'live:/srv/www/b.test/current';
  const { reached } = await disturb(here.host, ['--config', join(home, 'foobar.config.ts')], how, { beginning: live });
  expect(reached).toContain(live);
  const after = await served();
  expect(after[1]).toBe(before);
  expect(after.filter((text) => !text)).toEqual([]);

  configure({ hooks: ['exit 3'] });
  const failed = await apply();
  expect(failed.code, failed.stdout + failed.stderr).toBe(5);
  expect(sitesOf(failed)).toMatchObject(domains.map((site) => ({ site, ok: site !== 'b.test' })));
  expect(await served()).toEqual([expected[0], before, expected[2]]);

  configure();
  const repaired = await apply();
  expect(repaired.code, repaired.stdout + repaired.stderr).toBe(0);
  expect(sitesOf(repaired)).toMatchObject(domains.map((site) => ({ site, ok: true, healthy: true })));
  expect(await served()).toEqual(expected);
  const again = await cli(here.host, 'plan', [], { cwd: home });
  expect([again.code, named(again, 'change')]).toEqual([0, []]);
}
