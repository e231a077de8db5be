import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { ask } from '../lab/ask.ts';
import { cli, type Ended, folder, named } from '../lab/cli.ts';
import { differences } from '../lab/fingerprint.ts';
import { exec, lab } from '../lab/host.ts';

const page = (version: number) => `<?php
$database = new PDO('mysql:unix_socket=' . getenv('DB_SOCKET') . ';dbname=' . getenv('DB_NAME'), getenv('DB_USER'), getenv('DB_PASSWORD'));
echo 'release ${version} counts ', implode(',', $database->query('SELECT n FROM counted ORDER BY n')->fetchAll(PDO::FETCH_COLUMN));
`;

describe.each([
  ['bookworm', 'mariadb', 'MariaDB 10'],
  ['trixie', 'mariadb', 'MariaDB 11'],
  ['sid', 'mariadb', 'MariaDB 11'],
  ['sid', 'mysql', 'MySQL 9'],
] as const)('on a bare %s, %s', (suite, engine, title) => {
  const here = lab(suite);
  const home = folder({
    'foobar.config.json': JSON.stringify({ app: { source: 'app' }, database: { engine } }),
    'app/index.php': page(1),
    'app/migrations/0001_counted.sql': 'CREATE TABLE counted (n INT PRIMARY KEY); INSERT INTO counted VALUES (1);',
  });
  const run = (command: string, ...args: string[]): Promise<Ended> => cli(here.host, command, args, { cwd: home });
  let bare: readonly string[] = [];
  let first: Ended;

  beforeAll(async () => {
    bare = await tree(here.host);
    first = await run('apply', '--yes');
  });

  test('the first run ends in a healthy site', async () => {
    expect(first.code, first.stderr).toBe(0);
    expect(named(first, 'health').find(({ hop }) => hop === 'mysql')).toMatchObject({ ok: true, detail: expect.stringContaining(title) });
    expect((await ask(here.host.address, 'www.foobar.com'))?.body).toBe('release 1 counts 1');
  });

  test('a plan finds nothing, and nothing is unhealthy', async () => {
    const plan = await run('plan');
    expect([plan.code, named(plan, 'change')]).toEqual([0, []]);
    const verified = await run('verify');
    expect(verified.code, verified.stderr).toBe(0);
  });

  test('a release with a migration is deployed', async () => {
    await writeFile(join(home, 'app/index.php'), page(2));
    await writeFile(join(home, 'app/migrations/0002_two.sql'), 'INSERT INTO counted VALUES (2);');
    const deployed = await run('deploy', '--yes');
    expect(deployed.code, deployed.stderr).toBe(0);
    expect((await ask(here.host.address, 'www.foobar.com'))?.body).toBe('release 2 counts 1,2');
  });

  test('it survives a reboot', async () => {
    await here.reboot();
    await exec(here.host, 'systemctl is-system-running --wait');
    expect((await ask(here.host.address, 'www.foobar.com'))?.body).toBe('release 2 counts 1,2');
  });

  test('if the server is down, plan still reports what exists', async () => {
    await exec(here.host, `systemctl stop ${engine}`);
    const plan = await run('plan');
    expect(named(plan, 'change').map(({ resource }) => resource)).toContain(`service:${engine}.service`);
    expect(named(plan, 'change').map(({ resource }) => resource)).not.toContain('mysql-database:foobar_com');
    expect((await run('apply', '--yes')).code).toBe(0);
  });

  test('destroy leaves the host as it was before', async () => {
    const gone = await run('destroy', '--yes', '--allow-destroy');
    expect(gone.code, gone.stderr).toBe(0);
    expect(differences(bare, await tree(here.host)).filter((line) => !left.test(line))).toEqual([]);
  });
});

/**
 * What Debian leaves: logs, records of ucf, adduser and timers, the page of nginx's package, and gawk with its libraries, which MariaDB
 * brings and apt then takes for the one `awk` that the system needs.
 */
const left =
  / \/(var\/log|var\/lib\/ucf|var\/www|usr|etc\/inputrc$|etc\/profile\.d\/gawk\.|etc\/(gshadow|group|passwd|shadow|subuid|subgid)-$)|stamp-(logrotate|phpsessionclean)\.timer$/;

/** Every file of the host, with its type, mode and owner, but for caches, logs and what the kernel makes. */
async function tree(host: Sandbox): Promise<readonly string[]> {
  const { stdout } = await exec(
    host,
    "find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp -o -path /var/cache -o -path /var/log/journal -o -path /var/lib/apt -o -path /var/lib/dpkg \\) -prune -o -printf '%y %m %u:%g %p\\n' | sort",
  );
  return stdout.split('\n').filter(Boolean);
}
