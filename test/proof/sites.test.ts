import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';
import { ask } from '../lab/ask.ts';
import { cli, named } from '../lab/cli.ts';
import { type Blow, disturb } from '../lab/disturb.ts';
import { lab } from '../lab/host.ts';
import { changing, domains, sitesOf, threeSites } from '../lab/three-sites.ts';

describe.skipIf(unsupported() !== undefined)('a run for several sites that is disturbed', () => {
  const here = lab('trixie', { include: ['nginx', 'php8.4-fpm', 'php8.4-mysql', 'mariadb-server'] });
  const { home, page, configure } = threeSites();
  const args = ['--config', join(home, 'foobar.config.ts')];
  const apply = () => cli(here.host, 'apply', ['--yes', ...args]);
  const served = async () => Promise.all(domains.map(async (domain) => (await ask(here.host.address, domain))?.body));
  const pages = (version: string) => {
    for (const domain of domains) page(domain, `echo '${domain} ${version}';`);
    return domains.map((domain) => `${domain} ${version}`);
  };
  /** The numbers of the steps that make each site's release live. */
  const switches = new Map<string, number>();

  beforeAll(async () => {
    configure();
    pages('0');
    expect((await apply()).code).toBe(0);
    pages('1');
    const ended = await apply();
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    for (const { resource, step } of named(ended, 'step'))
      if (String(resource).startsWith('live:')) switches.set(String(resource).split('/')[3] ?? '', Number(step));
    expect([...switches.keys()]).toEqual(domains);
  });

  const rows = (['client', 'script', 'power'] as const).flatMap((blow) => domains.map((domain): [Blow, string] => [blow, domain]));
  test.each(rows)('by the end of its %s at the switch of %s: one more run finishes it for all', async (blow, domain) => {
    const expected = pages(`${blow} ${domain}`);
    const { reached } = await disturb(here.host, args, blow, { step: switches.get(domain) ?? 0 });
    const again = await apply();
    expect(again.code, `${reached}\n${again.stdout}${again.stderr}`).toBe(0);
    expect(await served()).toEqual(expected);
    const plan = await cli(here.host, 'plan', args);
    expect([plan.code, named(plan, 'change')]).toEqual([0, []]);
  });

  test.each(['client', 'script', 'power'] as const)(
    'by the end of its %s after a site was rolled back: one more run rolls that back, and finishes the others',
    async (blow) => {
      const [, before] = await served();
      const [a, , c] = pages(`broken ${blow}`);
      configure({ hooks: ['exit 3'] });
      // The hook that fails is one step more, before the switch of c.test.
      const { reached } = await disturb(here.host, args, blow, { step: (switches.get('c.test') ?? 0) + 1 });
      const again = await apply();
      expect(again.code, `${reached}\n${again.stdout}${again.stderr}`).toBe(5);
      expect(await served()).toEqual([a, before, c]);
      expect(sitesOf(again)).toMatchObject([{ ok: true }, { ok: false }, { ok: true }]);
      expect(changing(await cli(here.host, 'plan', args))).toEqual(['b.test']);
      configure();
      const repaired = await apply();
      expect(repaired.code, repaired.stdout + repaired.stderr).toBe(0);
      expect(await served()).toEqual([a, `b.test broken ${blow}`, c]);
    },
  );
});
