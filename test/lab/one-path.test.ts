import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { cli, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { php } from './packages.ts';

const home = '/srv/www/foobar.com';
const config = {
  domain: 'foobar.com',
  php: { extensions: [] },
  database: { engine: 'none' },
  app: {
    source: 'app',
    shared: ['config.php', 'data'],
    writable: ['my cache'],
    hooks: { before: [`printf '%s %s' "$PWD" "$(readlink -f lib.php)" >data/hook`] },
  },
  workers: { queue: { command: `printf '%s %s' "$PWD" "$(cat lib.php)" >data/worker; exec sleep 600` } },
};
/** It installs itself as many applications do: what it finds of its own path goes into a file that outlives the release. */
const index = `<?php
if (filesize(__DIR__ . '/config.php') === 0) file_put_contents(__DIR__ . '/config.php', '<?php const ROOT = ' . var_export(__DIR__, true) . ';');
require __DIR__ . '/config.php';
require ROOT . '/lib.php';
require '${home}/current/lib.php';
file_put_contents(__DIR__ . '/my cache/x', 'x');
echo ' ', implode(' ', [ROOT, __DIR__, $_SERVER['DOCUMENT_ROOT'], $_SERVER['SCRIPT_FILENAME'], getcwd(), is_writable(__DIR__) ? 'open' : 'closed']);`;

describe('an application sees its release at one path', () => {
  const here = lab('trixie', { include: php });
  const app = folder({ 'foobar.config.json': JSON.stringify(config), 'app/index.php': index, 'app/lib.php': "<?php echo 'v1';" });
  const visit = async () => (await ask(here.host.address, 'www.foobar.com'))?.body;
  const on = async (script: string) => (await exec(here.host, script)).stdout;
  const seen = `${Array(4)
    .fill(`${home}/current`)
    .join(' ')
    .replace(/ (\S+)$/, ' $1/index.php $1')} closed`;
  const deploy = async (version: number) => {
    writeFileSync(join(app, 'app/lib.php'), `<?php echo 'v${version}';`);
    const ended = await cli(here.host, 'deploy', [], { cwd: app });
    expect(ended.code, ended.stderr).toBe(0);
  };

  test('in its first release, before and after the switch, in hooks and background jobs', async () => {
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
    expect(ended.code, ended.stderr).toBe(0);
    expect(await visit()).toBe(`v1v1 ${seen}`);
    expect(await on(`cat ${home}/shared/data/hook; echo; cat ${home}/shared/data/worker`)).toBe(
      `${home}/current ${home}/current/lib.php\n${home}/current <?php echo 'v1';`,
    );
  });

  test('in ten more releases, of which the first are removed', async () => {
    for (let version = 2; version <= 11; version += 1) {
      await deploy(version);
      expect(await visit()).toBe(`v${version}v${version} ${seen}`);
    }
    expect(await on(`cat ${home}/shared/config.php ${home}/shared/data/worker`)).toBe(
      `<?php const ROOT = '${home}/current';${home}/current <?php echo 'v11';`,
    );
    const next = await cli(here.host, 'plan', [], { cwd: app });
    expect(named(next, 'change')).toEqual([]);
  });

  test('instances of earlier releases stop, at once except for the last', async () => {
    const units = "systemctl list-units --plain --no-legend --state=active 'php-foobar.com-*' | wc -l";
    expect(await on(`for i in $(seq 100); do [ "$(${units})" -gt 2 ] || break; sleep 0.2; done; ${units}`)).toBe('2\n');
    expect(await on("ls /etc/systemd/system/multi-user.target.wants | grep -c '^php-'")).toBe('1\n');
  });

  test('after a rollback, and after a reboot', async () => {
    const back = await cli(here.host, 'rollback', [], { cwd: app });
    expect(back.code, back.stderr).toBe(0);
    expect(await visit()).toBe(`v10v10 ${seen}`);
    // There and back and there again: what was left last goes on for a while, however often it was left before.
    for (const [command, version] of [
      ['deploy', 11],
      ['rollback', 10],
    ] as const) {
      const ended = await cli(here.host, command, [], { cwd: app });
      expect(ended.code, ended.stderr).toBe(0);
      expect(await visit()).toBe(`v${version}v${version} ${seen}`);
      expect(await on("systemctl list-units --plain --no-legend --state=active 'php-foobar.com-*' | wc -l")).toBe('2\n');
    }
    await here.reboot();
    expect(await visit()).toBe(`v10v10 ${seen}`);
    expect(await on("systemctl list-units --plain --no-legend --state=active 'php-foobar.com-*' | wc -l")).toBe('1\n');
  });
});
