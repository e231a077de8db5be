import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';
import { ask } from '../lab/ask.ts';
import { cli, folder, named } from '../lab/cli.ts';
import { rightClock, setBack } from '../lab/clock.ts';
import { exec, lab } from '../lab/host.ts';

describe.skipIf(unsupported() !== undefined)('a host whose clock is set back between deploys', () => {
  const here = lab('trixie', { include: ['nginx', 'php8.4-fpm'] });
  let cwd = '';

  beforeAll(async () => {
    await exec(here.host, 'apt-get update -qq; apt-get install -y -qq --no-install-recommends libfaketime >/dev/null 2>&1');
    cwd = folder({
      'foobar.config.json': JSON.stringify({
        domain: 'a.test',
        www: false,
        https: 'self-signed',
        database: { engine: 'none' },
        php: { extensions: [] },
        host: { upgrades: false, integrity: false },
        app: { source: 'app', keep: 2 },
      }),
      'app/index.php': `<?php readfile(__DIR__ . '/version.txt');`,
      'app/version.txt': 'none',
    });
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd });
    expect(ended.code, ended.stderr).toBe(0);
  });

  const served = async () =>
    (await exec(here.host, 'cat /srv/www/a.test/docroot/version.txt; echo; readlink /srv/www/a.test/current')).stdout.split('\n')[0];
  const deploy = async (version: string) => {
    writeFileSync(join(cwd, 'app/version.txt'), version);
    const ended = await cli(here.host, 'deploy', ['--yes'], { cwd });
    expect(ended.code, `${version}: ${ended.stderr}`).toBe(0);
    expect(await served()).toBe(version);
  };
  const kept = async () => (await exec(here.host, 'cat /srv/www/a.test/releases/*/version.txt')).stdout;

  // To 1970 it is as many days as there were since.
  const days = { 'a day': 1, 'a year': 365, '1970': Math.floor(Date.now() / 86_400_000) - 1 };

  test.each(Object.entries(days))('by %s', { timeout: 600_000 }, async (name, back) => {
    await deploy(`${name}, one.`);
    await deploy(`${name}, two.`);
    await exec(here.host, setBack(back));
    try {
      const { stdout } = await exec(here.host, 'date +%s');
      expect(Math.abs(Number(stdout) - Date.now() / 1000 + back * 86_400)).toBeLessThan(3600);
      await deploy(`${name}, three.`);
      expect(await kept()).toContain(`${name}, two.`);
      const rolled = await cli(here.host, 'rollback', ['--yes'], { cwd });
      expect(rolled.code, rolled.stderr).toBe(0);
      expect(await served()).toBe(`${name}, two.`);
      await deploy(`${name}, four.`);
      expect(await kept()).toContain(`${name}, two.`);
      const planned = await cli(here.host, 'plan', [], { cwd });
      expect([planned.code, named(planned, 'change')], planned.stderr).toEqual([0, []]);
      expect((await cli(here.host, 'releases', [], { cwd })).code).toBe(0);
      expect((await ask(here.host.address, 'a.test'))?.status).toBe(301);
    } finally {
      await exec(here.host, rightClock);
    }
    await deploy(`${name}, five.`);
    expect(await kept()).toContain(`${name}, four.`);
  });
});
