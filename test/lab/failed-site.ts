import { expect } from 'vitest';
import { ask } from './ask.ts';
import { cli, named } from './cli.ts';
import { exec, instanceOn, type Lab } from './host.ts';
import { changing, domains, sitesOf, type ThreeSites } from './three-sites.ts';

const healthy = domains.map((site) => ({ site, ok: true, healthy: true }));

/** Returns the page of each of the three sites. */
export async function servedBy(here: Lab): Promise<readonly (string | undefined)[]> {
  return Promise.all(domains.map(async (domain) => (await ask(here.host.address, domain))?.body));
}

/** Returns the process that answers for a.test, which no test touches. */
export async function processOfFirst(here: Lab): Promise<string> {
  const { unit } = await instanceOn(here.host, 'a.test');
  return (await exec(here.host, `systemctl show --property=MainPID ${unit}`)).stdout;
}

/**
 * Updates the three sites, of which `breaks` makes b.test fail at a step: it is rolled back alone, and the run goes on for the others. After
 * `repairs`, the next run updates it, and touches nothing else.
 */
export async function failsAlone(
  here: Lab,
  { home, page }: ThreeSites,
  {
    what,
    step,
    breaks,
    repairs,
  }: { readonly what: string; readonly step: string; readonly breaks: () => void; readonly repairs: () => void },
): Promise<void> {
  const apply = () => cli(here.host, 'apply', ['--yes'], { cwd: home });
  const [, before] = await servedBy(here);
  const expected = domains.map((domain) => `${domain} ${what}`);
  for (const [index, domain] of domains.entries()) page(domain, `echo '${expected[index]}';`);
  breaks();
  const failed = await apply();
  expect(failed.code, failed.stdout + failed.stderr).toBe(5);
  expect(await servedBy(here)).toEqual([expected[0], before, expected[2]]);
  expect(named(failed, 'site')).toMatchObject([{ site: 'b.test', step, state: 'rolled back' }]);
  expect(sitesOf(failed)).toEqual([
    healthy[0],
    { site: 'b.test', ok: false, error: expect.stringContaining('b.test was rolled back') },
    healthy[2],
  ]);
  expect(failed.stderr).toContain('b.test was rolled back. The run went on for the other sites.');
  const untouched = await processOfFirst(here);
  const plan = await cli(here.host, 'plan', [], { cwd: home });
  expect([plan.code, changing(plan)], plan.stdout).toEqual([2, ['b.test']]);
  repairs();
  page('b.test', `echo '${expected[1]}';`);
  const repaired = await apply();
  expect(repaired.code, repaired.stdout + repaired.stderr).toBe(0);
  expect(sitesOf(repaired)).toEqual(healthy);
  expect(named(repaired, 'sending').length).toBe(1);
  expect(await servedBy(here)).toEqual(expected);
  expect(await processOfFirst(here)).toBe(untouched);
  expect(untouched).toMatch(/^MainPID=[1-9]/);
  const left = await exec(here.host, 'cd /var/lib/foobar-provision && find incoming owed -mindepth 1 ! -path owed/three');
  expect(left.stdout).toBe('');
}
