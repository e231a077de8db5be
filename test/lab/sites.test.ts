import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { cli, named } from './cli.ts';
import { exec, instanceOn, lab } from './host.ts';
import { changing, domains, sitesOf, threeSites } from './three-sites.ts';

describe('several sites on one host', () => {
  const here = lab('trixie', { include: ['nginx', 'php8.4-fpm', 'php8.4-mysql', 'mariadb-server'] });
  const { home, write, remove, page, configure } = threeSites();
  const run = (command: string, ...args: readonly string[]) => cli(here.host, command, args, { cwd: home });
  const apply = (...args: readonly string[]) => run('apply', '--yes', ...args);
  const served = async () => Promise.all(domains.map(async (domain) => (await ask(here.host.address, domain))?.body));
  const pages = (version: string) => {
    for (const domain of domains) page(domain, `echo '${domain} ${version}';`);
    return domains.map((domain) => `${domain} ${version}`);
  };
  /** The process that answers for a site that is not touched. */
  const processOfFirst = async () => {
    const { unit } = await instanceOn(here.host, 'a.test');
    return (await exec(here.host, `systemctl show --property=MainPID ${unit}`)).stdout;
  };
  const healthy = domains.map((site) => ({ site, ok: true, healthy: true }));

  test('are all provisioned by one run', async () => {
    configure();
    const expected = pages('1');
    write('b.test/migrations/0001.sql', 'CREATE TABLE one (id INT);');
    const ended = await apply();
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    expect(sitesOf(ended)).toEqual(healthy);
    expect(await served()).toEqual(expected);
    expect(named(ended, 'health').map(({ site = '*' }) => site)).toEqual(expect.arrayContaining(['*', ...domains]));
    const again = await run('plan');
    expect([again.code, named(again, 'change')]).toEqual([0, []]);
  });

  test.each<readonly [string, string, () => void, () => void]>([
    ['nginx', 'check nginx -t', () => configure({ nginx: 'not_a_directive on;\n' }), () => configure()],
    [
      'a migration',
      'migrations:b_test',
      () => write('b.test/migrations/0002.sql', 'NONSENSE;'),
      () => remove('b.test/migrations/0002.sql'),
    ],
    ['a hook', 'live:/srv/www/b.test/current', () => configure({ hooks: ['exit 3'] }), () => configure()],
    ['its health', 'live:/srv/www/b.test/current', () => page('b.test', 'http_response_code(500);'), () => {}],
  ])('one that fails by %s is rolled back alone', async (what, step, breaks, repairs) => {
    const [, before] = await served();
    const expected = pages(what);
    breaks();
    const failed = await apply();
    expect(failed.code, failed.stdout + failed.stderr).toBe(5);
    expect(await served()).toEqual([expected[0], before, expected[2]]);
    expect(named(failed, 'site')).toMatchObject([{ site: 'b.test', step, state: 'rolled back' }]);
    expect(sitesOf(failed)).toEqual([
      healthy[0],
      { site: 'b.test', ok: false, error: expect.stringContaining('b.test was rolled back') },
      healthy[2],
    ]);
    expect(failed.stderr).toContain('b.test was rolled back. The run went on for the other sites.');
    const untouched = await processOfFirst();
    const plan = await run('plan');
    expect([plan.code, changing(plan)]).toEqual([2, ['b.test']]);
    repairs();
    page('b.test', `echo '${expected[1]}';`);
    const repaired = await apply();
    expect(repaired.code, repaired.stdout + repaired.stderr).toBe(0);
    expect(sitesOf(repaired)).toEqual(healthy);
    expect(named(repaired, 'sending').length).toBe(1);
    expect(await served()).toEqual(expected);
    expect(await processOfFirst()).toBe(untouched);
    expect(untouched).toMatch(/^MainPID=[1-9]/);
    const left = await exec(here.host, 'cd /var/lib/foobar-provision && find incoming owed -mindepth 1 ! -path owed/three');
    expect(left.stdout).toBe('');
  });
});
