import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { cli, named } from './cli.ts';
import { exec, instanceOn, lab } from './host.ts';
import { killWithinSite } from './killed-site.ts';
import { changing, domains, sitesOf, threeSites } from './three-sites.ts';
import { watchPages } from './watch-pages.ts';

describe('several sites on one host', () => {
  const here = lab('trixie', { include: ['nginx', 'php8.4-fpm', 'php8.4-mysql', 'mariadb-server'] });
  const sites = threeSites();
  const { home, write, remove, page, configure } = sites;
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

  test('share a database that gets its limits of connections without a restart', async () => {
    const state = async (before = '') => {
      const { stdout } = await exec(
        here.host,
        `file=/etc/mysql/mariadb.conf.d/90-foobar-provision-connections.cnf; ${before}
        systemctl show -P MainPID mariadb; mariadb -BNe 'SELECT @@max_user_connections'; sed -n 's/^max_user_connections = //p' $file`,
      );
      return stdout.trim().split('\n');
    };
    const [pid, limit, configured] = await state();
    expect(limit).toBe(configured);
    const changed = `sed -i 's/^max_user_connections = .*/max_user_connections = 7/' $file; mariadb -e 'SET GLOBAL max_user_connections = 7'`;
    expect(await state(changed)).toEqual([pid, '7', '7']);
    const ended = await apply();
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    expect(await state()).toEqual([pid, limit, configured]);
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

  test('one that cannot be built is left out, and is not built if another is named', async () => {
    const before = await served();
    const expected = pages('not built');
    configure({ build: ['echo gone wrong >&2; exit 4'] });
    const deployed = await run('deploy', '--site', 'a.test');
    expect(deployed.code, deployed.stdout + deployed.stderr).toBe(0);
    const failed = await apply();
    expect(failed.code, failed.stdout + failed.stderr).toBe(1);
    expect(failed.stderr).toContain('The application of b.test could not be prepared.');
    expect(failed.stderr).toContain('gone wrong');
    expect(sitesOf(failed)).toEqual([
      healthy[0],
      { site: 'b.test', ok: false, error: expect.stringContaining('could not be prepared') },
      healthy[2],
    ]);
    expect(await served()).toEqual([expected[0], before[1], expected[2]]);
    const alone = await run('apply', '--yes', '--site', 'b.test');
    expect([alone.code, alone.stderr]).toEqual([1, expect.stringMatching(/The build step .* failed\.[\s\S]*Nothing was changed\./)]);
    const plan = await run('plan');
    expect([plan.code, changing(plan)]).toEqual([1, []]);
  });

  test('a run that is killed within one is finished for the others', () => killWithinSite(here, sites, 'script'));

  test('one is removed by `destroy --site`, and the others lose no request', async () => {
    const expected = await served();
    const data = await run('destroy', '--site', 'b.test', '--yes');
    expect([data.code, data.stderr]).toEqual([1, expect.stringContaining('These resources of b.test hold data:')]);
    expect(await served()).toEqual(expected);
    const untouched = await processOfFirst();
    const visitors = (['a.test', 'c.test'] as const).map((domain) =>
      watchPages(
        () => here.host.address,
        (body) => body === expected[domains.indexOf(domain)],
        domain,
      ),
    );
    const removed = await run('destroy', '--site', 'b.test', '--yes', '--allow-destroy');
    const seen = await Promise.all(visitors.map((each) => each.end()));
    expect(removed.code, removed.stdout + removed.stderr).toBe(0);
    expect(seen).toMatchObject([
      { broken: [], unavailable: 0 },
      { broken: [], unavailable: 0 },
    ]);
    expect(seen.every(({ whole }) => whole > 20)).toBe(true);
    expect(await processOfFirst()).toBe(untouched);
    expect((await ask(here.host.address, 'b.test'))?.body).not.toBe(expected[1]);
    const left = await exec(
      here.host,
      `find /etc /srv /run/systemd/system /var/lib/foobar-provision/releases -name '*b.test*' -o -name '*b_test*'
      getent passwd b_test; mariadb -e 'SHOW DATABASES' | grep b_test; systemctl --plain --no-legend list-units --all '*b.test*'`,
    );
    expect(left.stdout).toBe('');
    const again = await run('plan');
    expect(changing(again).filter((site) => site !== '*')).toEqual(['b.test']);
    configure({ sites: ['a.test', 'c.test'] });
    const rest = named(await run('plan'), 'change').map(({ resource }) => String(resource));
    expect(rest.filter((resource) => /b[._]test/.test(resource))).toEqual([]);
    const unknown = await run('destroy', '--site', 'b.test', '--yes');
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('three has no site b.test')]);
  });

  test('one is removed from the configuration while another fails', async () => {
    configure();
    expect((await apply()).code).toBe(0);
    const before = await served();
    const expected = pages('without c.test');
    configure({ sites: ['a.test', 'b.test'], hooks: ['exit 3'] });
    const ended = await apply();
    expect(ended.code, ended.stdout + ended.stderr).toBe(5);
    const now = await served();
    expect(now.slice(0, 2)).toEqual([expected[0], before[1]]);
    expect(now[2]).not.toBe(before[2]);
    expect((await exec(here.host, 'ls -d /srv/www/c.test; getent passwd c_test')).stdout).toBe('');
    expect(changing(await run('plan')).filter((site) => site !== '*')).toEqual(['b.test']);
  });
});
