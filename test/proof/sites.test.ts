import { describe, expect, test } from 'vitest';
import { cli } from '../lab/cli.ts';
import { lab } from '../lab/host.ts';
import { killWithinSite } from '../lab/killed-site.ts';
import { domains, threeSites } from '../lab/three-sites.ts';

describe('several sites on one host', () => {
  const here = lab('trixie', { include: ['nginx', 'php8.4-fpm', 'php8.4-mysql', 'mariadb-server'] });
  const sites = threeSites();

  test('a run whose host loses power while it works on one is finished for the others', async () => {
    sites.configure();
    for (const domain of domains) sites.page(domain, `echo '${domain} 1';`);
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: sites.home });
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    await killWithinSite(here, sites, 'power');
  });
});
