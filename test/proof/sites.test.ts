import { describe, expect, test } from 'vitest';
import { cli } from '../lab/cli.ts';
import { failsAlone, servedBy } from '../lab/failed-site.ts';
import { exec, lab } from '../lab/host.ts';
import { killWithinSite } from '../lab/killed-site.ts';
import { changing, domains, threeSites } from '../lab/three-sites.ts';

describe('several sites on one host', () => {
  const here = lab('trixie', { include: ['nginx', 'php8.4-fpm', 'php8.4-mysql', 'mariadb-server'] });
  const sites = threeSites();
  const { home, write, remove, page, configure } = sites;
  const apply = () => cli(here.host, 'apply', ['--yes'], { cwd: home });

  test('a run whose host loses power while it works on one is finished for the others', async () => {
    configure();
    for (const domain of domains) page(domain, `echo '${domain} 1';`);
    write('b.test/migrations/0001.sql', 'CREATE TABLE one (id INT);');
    const ended = await apply();
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    await killWithinSite(here, sites, 'power');
  });

  test.each<readonly [string, string, () => void, () => void]>([
    [
      'a migration',
      'migrations:b_test',
      () => write('b.test/migrations/0002.sql', 'NONSENSE;'),
      () => remove('b.test/migrations/0002.sql'),
    ],
    ['a hook', 'live:/srv/www/b.test/current', () => configure({ hooks: ['exit 3'] }), () => configure()],
  ])('one that fails by %s is rolled back alone', (what, step, breaks, repairs) =>
    failsAlone(here, sites, { what, step, breaks, repairs }),
  );

  test('one is removed from the configuration while another fails', async () => {
    const before = await servedBy(here);
    for (const domain of domains) page(domain, `echo '${domain} without c.test';`);
    configure({ sites: ['a.test', 'b.test'], hooks: ['exit 3'] });
    const ended = await apply();
    expect(ended.code, ended.stdout + ended.stderr).toBe(5);
    const now = await servedBy(here);
    expect(now.slice(0, 2)).toEqual(['a.test without c.test', before[1]]);
    expect(now[2]).not.toBe(before[2]);
    expect((await exec(here.host, 'ls -d /srv/www/c.test; getent passwd c_test')).stdout).toBe('');
    const plan = await cli(here.host, 'plan', [], { cwd: home });
    expect(changing(plan).filter((site) => site !== '*')).toEqual(['b.test']);
  });
});
