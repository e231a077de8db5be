import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { cli, named } from './cli.ts';
import { failsAlone, processOfFirst, servedBy } from './failed-site.ts';
import { exec, lab } from './host.ts';
import { killWithinSite } from './killed-site.ts';
import { stack } from './packages.ts';
import { changing, domains, sitesOf, threeSites } from './three-sites.ts';
import { watchPages } from './watch-pages.ts';

describe('several sites on one host', () => {
  const here = lab('trixie', { include: stack });
  const sites = threeSites();
  const { home, write, page, configure } = sites;
  const run = (command: string, ...args: readonly string[]) => cli(here.host, command, args, { cwd: home });
  const apply = (...args: readonly string[]) => run('apply', '--yes', ...args);
  const served = () => servedBy(here);
  const pages = (version: string) => {
    for (const domain of domains) page(domain, `echo '${domain} ${version}';`);
    return domains.map((domain) => `${domain} ${version}`);
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

  test('are rolled back one after another', async () => {
    const before = await served();
    pages('2');
    expect((await run('deploy')).code).toBe(0);
    for (const domain of domains) {
      const ended = await run('rollback', '--site', domain);
      expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    }
    expect(await served()).toEqual(before);
  });

  test.each<readonly [string, string, () => void, () => void]>([
    ['nginx', 'check nginx -t', () => configure({ nginx: 'not_a_directive on;\n' }), () => configure()],
    ['its health', 'live:/srv/www/b.test/current', () => page('b.test', 'http_response_code(500);'), () => {}],
  ])('one that fails by %s is rolled back alone', (what, step, breaks, repairs) =>
    failsAlone(here, sites, { what, step, breaks, repairs }),
  );

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
    const untouched = await processOfFirst(here);
    const visitors = (['a.test', 'c.test'] as const).map((domain) =>
      watchPages(
        () => here.host.address,
        (body) => body === expected[domains.indexOf(domain)],
        domain,
      ),
    );
    // The release before this one was left a moment ago.
    expect((await exec(here.host, 'wc -l </run/foobar-provision-left.b.test')).stdout).toMatch(/^[1-9]/);
    const began = Date.now();
    const removed = await run('destroy', '--site', 'b.test', '--yes', '--allow-destroy');
    // Its process is not waited for until its time of 70 s is over.
    expect(Date.now() - began).toBeLessThan(60_000);
    const seen = await Promise.all(visitors.map((each) => each.end()));
    expect(removed.code, removed.stdout + removed.stderr).toBe(0);
    expect(seen).toMatchObject([
      { broken: [], unavailable: 0 },
      { broken: [], unavailable: 0 },
    ]);
    expect(seen.every(({ whole }) => whole > 20)).toBe(true);
    expect(await processOfFirst(here)).toBe(untouched);
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
});
