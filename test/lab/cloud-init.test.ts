import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stateFolder } from '../../src/host-paths.ts';
import { type Suite, unsupported } from '../../src/sandbox/index.ts';
import { ask } from './ask.ts';
import { cli, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';

const site = {
  domain: 'www.foobar.com',
  database: { engine: 'none' },
  app: { source: 'site' },
  host: { upgrades: false, limits: false, passwords: false, integrity: false, sandbox: false },
};

/** What would make cloud-init take the lab's own login and network for the image's. */
const lab99 = 'network: {config: disabled}\nssh_deletekeys: false\ndisable_root: false\n';

describe.skipIf(unsupported() !== undefined).each<[Suite, readonly string[]]>([
  ['trixie', []],
  ['bookworm', ['--access-proven']],
])('cloud-init of %s runs an exported script %j', (suite, given) => {
  const here = lab(suite, { include: ['cloud-init', 'nginx', 'nftables'] });

  test('it runs once, makes the site live, and reports the pending settings', { timeout: 240_000 }, async () => {
    const cwd = folder({ 'foobar.config.json': JSON.stringify(site), 'site/index.html': '<p>by cloud-init</p>' });
    const out = join(cwd, 'user-data');
    const exported = await cli(here.host, 'export', ['--format', 'cloud-init', '--out', out, ...given], { cwd });
    expect(exported.code, exported.stderr).toBe(0);
    const seed = '/var/lib/cloud/seed/nocloud';
    const seeded = await exec(
      here.host,
      `mkdir -p ${seed} && printf '%s' '${lab99}' >/etc/cloud/cloud.cfg.d/99-lab.cfg && rm -f /etc/cloud/cloud-init.disabled
printf 'instance-id: lab\n' >${seed}/meta-data && cat >${seed}/user-data <<'END-OF-USER-DATA'
${await readFile(out, 'utf8')}
END-OF-USER-DATA
cloud-init clean`,
    );
    expect(seeded.code, seeded.stderr).toBe(0);
    await here.reboot();
    const journal = () => readFile(join(here.host.root, stateFolder, 'runs/export-foobar.com/journal'), 'utf8').catch(() => '');
    await expect.poll(journal, { timeout: 150_000, interval: 500 }).toMatch(/^end\t/m);
    await expect
      .poll(async () => (await exec(here.host, 'systemctl is-active "foobar-provision-*"')).stdout.trim(), { timeout: 20_000 })
      .toBe('');
    expect((await ask(here.host.address, 'foobar.com'))?.body).toContain('by cloud-init');

    const plan = await cli(here.host, 'plan', [], { cwd });
    const changes = named(plan, 'change').flatMap(({ resource, reason }) =>
      String(resource).startsWith('handler:') ? [] : [`${resource} ${reason}`],
    );
    if (given.length > 0) expect([plan.code, changes]).toEqual([0, []]);
    else {
      expect(changes).toEqual([
        'file:/etc/nftables.conf pending',
        'file:/etc/ssh/sshd_config.d/10-foobar-provision.conf pending',
        'nftables:foobar_provision pending',
        'service:nftables.service pending',
      ]);
      const run = await cli(here.host, 'apply', ['--yes'], { cwd });
      expect(run.code, run.stderr).toBe(0);
      expect((await cli(here.host, 'plan', [], { cwd })).code).toBe(0);
    }
    expect((await journal()).match(/^end\t.*$/gm)).toEqual(['end\tok']);
  });
});
