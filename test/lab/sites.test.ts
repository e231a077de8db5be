import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { cli, type Ended, folder, named } from './cli.ts';

import { exec, lab } from './host.ts';

const domains = ['a.test', 'b.test', 'c.test'] as const;
type Domain = (typeof domains)[number];

/** What the three sites have besides their page. */
interface Setup {
  readonly sites?: readonly Domain[];
  /** Nginx directives of b.test. */
  readonly nginx?: string;
  /** Commands of b.test before the switch. */
  readonly hooks?: readonly string[];
}

describe('several sites on one host', () => {
  const here = lab('trixie', { include: ['nginx', 'php8.4-fpm', 'php8.4-mysql', 'mariadb-server'] });
  const home = folder();
  const file = (path: string, content: string) => {
    mkdirSync(join(home, path, '..'), { recursive: true });
    writeFileSync(join(home, path), content);
  };
  const page = (domain: Domain, text: string) => file(`${domain}/public/index.php`, `<?php ${text}`);
  const configure = ({ sites = domains, nginx = '', hooks = [] }: Setup = {}) =>
    file(
      'foobar.config.ts',
      `import { defineConfig, definePlaybook, file, reload } from 'foobar-provision';
const own = definePlaybook({
  name: 'own',
  resources: ({ site }) =>
    site.domain === 'b.test' ? [file('/etc/nginx/site.d/b.test/extra.conf', { content: ${JSON.stringify(nginx)}, notify: reload('nginx') })] : [],
});
const site = (domain, more) => ({ domain, www: false, https: false, php: { extensions: [] }, app: { source: domain }, ...more });
export default defineConfig({
  name: 'three',
  host: false,
  playbooks: [own],
  sites: [
    site('a.test', { database: { engine: 'none' } }),
    site('b.test', { app: { source: 'b.test', hooks: { before: ${JSON.stringify(hooks)} } } }),
    site('c.test', { database: { engine: 'none' } }),
  ].filter(({ domain }) => ${JSON.stringify(sites)}.includes(domain)),
});
`,
    );
  const run = (command: string, ...args: readonly string[]) => cli(here.host, command, args, { cwd: home });
  const apply = () => run('apply', '--yes');
  const served = async (...some: readonly Domain[]) =>
    Promise.all(some.map(async (domain) => (await ask(here.host.address, domain))?.body));
  const sitesOf = (ended: Ended) => named(ended, 'result')[0]?.sites;
  /** The sites of a plan's changes; `*` for what they share. */
  const changing = (ended: Ended) => [...new Set(named(ended, 'change').map(({ site = '*' }) => site))];
  /** The processes that answer for a site. */
  const processes = async (domain: Domain) => (await exec(here.host, `systemctl show --property=MainPID 'php-${domain}-*.service'`)).stdout;
  const healthy = domains.map((site) => ({ site, ok: true, healthy: true }));

  test('are all provisioned by one run', async () => {
    configure();
    for (const domain of domains) page(domain, `echo '${domain} 1';`);
    file('b.test/migrations/0001.sql', 'CREATE TABLE one (id INT);');
    const ended = await apply();
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    expect(sitesOf(ended)).toEqual(healthy);
    expect(await served(...domains)).toEqual(['a.test 1', 'b.test 1', 'c.test 1']);
    expect(named(ended, 'health').map(({ site = '*' }) => site)).toEqual(expect.arrayContaining(['*', ...domains]));
    const again = await run('plan');
    expect([again.code, named(again, 'change')]).toEqual([0, []]);
  });

  test.each<readonly [string, string, () => void, () => void]>([
    ['nginx', 'check nginx -t', () => configure({ nginx: 'not_a_directive on;\n' }), () => configure()],
    [
      'a migration',
      'migrations:b_test',
      () => file('b.test/migrations/0002.sql', 'NONSENSE;'),
      () => rmSync(join(home, 'b.test/migrations/0002.sql')),
    ],
    ['a hook', 'live:/srv/www/b.test/current', () => configure({ hooks: ['echo no >&2; exit 3'] }), () => configure()],
    ['its health', 'live:/srv/www/b.test/current', () => page('b.test', 'http_response_code(500);'), () => {}],
  ])('one that fails by %s is rolled back alone', async (what, step, breaks, repairs) => {
    const version = `${what} 2`;
    for (const domain of domains) page(domain, `echo '${domain} ${version}';`);
    const [before] = await served('b.test');
    breaks();
    const failed = await apply();
    expect(failed.code, failed.stdout + failed.stderr).toBe(5);
    expect(await served(...domains)).toEqual([`a.test ${version}`, before, `c.test ${version}`]);
    expect(named(failed, 'site')).toMatchObject([{ site: 'b.test', state: 'rolled back' }]);
    expect([named(failed, 'site')[0]?.step, step]).toEqual([expect.stringMatching(/./), step]);
    expect(sitesOf(failed)).toEqual([
      healthy[0],
      { site: 'b.test', ok: false, error: expect.stringContaining('b.test was rolled back') },
      healthy[2],
    ]);
    expect(failed.stderr).toContain('b.test was rolled back. The run went on for the other sites.');
    const [pid] = [await processes('a.test')];
    const plan = await run('plan');
    expect([plan.code, changing(plan)]).toEqual([2, ['b.test']]);
    repairs();
    page('b.test', `echo 'b.test ${version}';`);
    const repaired = await apply();
    expect(repaired.code, repaired.stdout + repaired.stderr).toBe(0);
    expect(sitesOf(repaired)).toEqual(healthy);
    expect(named(repaired, 'sending').length).toBe(1);
    expect(await served(...domains)).toEqual(domains.map((domain) => `${domain} ${version}`));
    expect(await processes('a.test')).toBe(pid);
    const left = await exec(here.host, 'cd /var/lib/foobar-provision && find incoming owed -mindepth 1 ! -path owed/three');
    expect(left.stdout).toBe('');
  });
});
