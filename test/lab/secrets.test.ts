import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Account, addAccounts } from './accounts.ts';
import { begin, cli, type Ended, folder, named, reaching } from './cli.ts';
import { exec, instanceOn, lab, readHostFile } from './host.ts';
import { watchProcesses } from './watch.ts';

const bob: Account = { name: 'bob', password: 'nobody-sees-sudo-83', sudo: 'yes' };
const supplied = 'nobody-sees-env-5729';

const configuration = (
  more = '',
  token = supplied,
) => `import { command, defineConfig, definePlaybook, Secret, sh } from 'foobar-provision';
export default defineConfig({
  app: { env: { API_TOKEN: new Secret('${token}'), GREETING: 'hello' } },
  host: { upgrades: false, passwords: false, integrity: false },
  ${more}
});
`;

/** A playbook whose one step prints all secrets, and fails. */
const telling = `playbooks: [definePlaybook({
    name: 'telling',
    resources: () => [command('tell', { run: sh\`for each in /etc/foobar-provision/secrets/*; do echo "$(cat "$each") $each"; done; false\`, unless: sh\`false\` })],
  })],`;

describe('a bare host, provisioned by a user with a sudo password', () => {
  const here = lab('trixie', { include: ['sudo'] });
  const outputs: Ended[] = [];
  let watched = { seen: '', looks: 0 };
  let generated = '';
  let instance = { folder: '', unit: '' };

  beforeAll(async () => {
    await addAccounts(here.host, [bob]);
    const cwd = folder({ 'foobar.config.ts': configuration() });
    const options = { cwd, input: `${bob.password}\n`, user: bob.name };
    const args = ['--sudo-password-stdin'];
    const watch = await watchProcesses();
    outputs.push(await cli(here.host, 'apply', ['--yes', ...args], options));
    watched = await watch.stop();
    generated = (await readHostFile(here.host, '/etc/foobar-provision/secrets/foobar.com.database')).trim();
    outputs.push(await begin(['plan', ...reaching(here.host, bob.name), '-vv', ...args], options).ended);
    // A hop that fails shows its log, and the next plan what has drifted, secrets' own files among it.
    instance = await instanceOn(here.host);
    await exec(here.host, `systemctl stop ${instance.unit}; printf '; edited\\n' >>${instance.folder}/fpm.conf`);
    outputs.push(await cli(here.host, 'verify', ['-vv', ...args], options));
    outputs.push(await begin(['plan', ...reaching(here.host, bob.name), '-vv', '--debug', ...args], options).ended);
    outputs.push(await cli(here.host, 'apply', ['--yes', '-vv', ...args], options));
    // A step that fails shows what it printed.
    const failing = { ...options, cwd: folder({ 'foobar.config.ts': configuration(telling) }) };
    outputs.push(await cli(here.host, 'apply', ['--yes', ...args], failing));
    await exec(here.host, 'rm /var/lib/foobar-provision/runs/*/log');
  });

  test('is healthy, and an unhealthy hop is reported as such', () => {
    const [applied, unchanged, verified, drifted, repaired] = outputs;
    expect(outputs.map(({ code }) => code)).toEqual([0, 0, 6, 2, 0, 5]);
    expect(applied && named(applied, 'health').map(({ hop, ok }) => [hop, ok])).toEqual(
      ['dns', 'tcp', 'nginx', 'php-fpm', 'mysql', 'app', 'visitor'].map((hop) => [hop, true]),
    );
    expect(unchanged?.stdout).toMatch(/Nothing to change/);
    expect(verified && named(verified, 'health').find(({ hop }) => hop === 'php-fpm')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/[0-9a-f]\.sock.*service.* not running/),
    });
    expect(drifted?.stdout).toMatch(/fpm\.conf.*content.*drift/);
    expect(repaired && named(repaired, 'change').map(({ resource, reason }) => [resource, reason])).toEqual([
      [`file:${instance.folder}/fpm.conf`, 'drift'],
      [`service:${instance.unit}`, 'drift'],
    ]);
  });

  test('shows the output of a failed step', () => {
    const secrets = ['foobar.com.database', 'foobar.com.env.API_TOKEN', 'host.token'];
    const stderr = secrets.map((name) => `(sensitive) /etc/foobar-provision/secrets/${name}`).join('\n');
    expect(outputs.at(-1)?.events.at(-1)).toMatchObject({ error: { step: 'command:tell', stderr } });
  });

  test('has generated a password of its own', () => {
    expect(generated).toMatch(/^[A-Za-z0-9]{32}$/);
  });

  test('shows no secret in any output of the program', () => {
    const printed = outputs.map(({ stdout, stderr }) => stdout + stderr).join('\n');
    expect(printed.length).toBeGreaterThan(20_000);
    for (const secret of [generated, supplied, bob.password]) expect(printed.includes(secret)).toBe(false);
  });

  test('shows no secret in the arguments or the environment of any process', () => {
    // The eye was open: it saw a database client that lives for some milliseconds, and the run itself.
    expect(watched.looks).toBeGreaterThan(1000);
    expect(watched.seen).toMatch(/mariadb\0--defaults-extra-file=/);
    expect(watched.seen).toMatch(/\/bin\/sh\0\/var\/lib\/foobar-provision\/runs\/[^\0]+\/script/);
    for (const secret of [generated, supplied, bob.password]) expect(watched.seen.includes(secret)).toBe(false);
  });

  test('keeps a secret only in its own file and in the files of the application that uses it', async () => {
    const given = [`${instance.folder.slice(1)}/environment`, `${instance.folder.slice(1)}/fpm.conf`];
    expect(await filesWith(generated)).toEqual([...given, 'etc/foobar-provision/secrets/foobar.com.database']);
    expect(await filesWith(supplied)).toEqual([...given, 'etc/foobar-provision/secrets/foobar.com.env.API_TOKEN']);
    expect(await filesWith(bob.password)).toEqual([]);
    const { stdout } = await exec(
      here.host,
      `stat -c '%a %U %n' ${given.map((path) => `/${path}`).join(' ')} /etc/foobar-provision/secrets /etc/foobar-provision/secrets/* /var/lib/foobar-provision /var/lib/foobar-provision/runs`,
    );
    expect(stdout).toBe(`600 root /${given[0]}
600 root /${given[1]}
700 root /etc/foobar-provision/secrets
600 root /etc/foobar-provision/secrets/foobar.com.database
600 root /etc/foobar-provision/secrets/foobar.com.env.API_TOKEN
600 root /etc/foobar-provision/secrets/host.token
700 root /var/lib/foobar-provision
700 root /var/lib/foobar-provision/runs
`);
  });

  test('gives the application its secrets', async () => {
    const pool = await readHostFile(here.host, `${instance.folder}/fpm.conf`);
    expect(pool).toContain(`env[API_TOKEN] = "${supplied}"`);
    expect(pool).toContain('env[GREETING] = "hello"');
    expect(pool).toContain(`env[DB_PASSWORD] = "${generated}"`);
  });

  test('gives the application the new value of a secret in the run that replaces it', async () => {
    const options = { cwd: folder({ 'foobar.config.ts': configuration('', 'the-new-token') }), input: `${bob.password}\n`, user: bob.name };
    const replaced = await cli(here.host, 'apply', ['--yes', '--sudo-password-stdin'], options);
    expect(replaced.code, replaced.stderr).toBe(0);
    const resources = named(replaced, 'change').map(({ resource, reason }) => `${resource} (${reason})`);
    expect(resources.filter((each) => !each.startsWith('handler:')).sort()).toEqual([
      `file:${instance.folder}/environment (update)`,
      `file:${instance.folder}/fpm.conf (update)`,
      'secret:foobar.com.env.API_TOKEN (update)',
    ]);
    const { stdout } = await exec(
      here.host,
      `tr '\\0' '\\n' <${instance.folder}/fpm.conf | grep -c the-new-token; systemctl is-active ${instance.unit}`,
    );
    expect(stdout).toBe('1\nactive\n');
    const after = await begin(['plan', ...reaching(here.host, bob.name), '--sudo-password-stdin'], options).ended;
    expect([after.code, after.stdout]).toEqual([0, expect.stringContaining('Nothing to change')]);
  });

  /** Every file that holds a text, of all that the host has written to its disk or keeps in memory, and the journal as it is read. */
  async function filesWith(secret: string): Promise<readonly string[]> {
    const { root, pid } = here.host;
    const memory = ['run', 'tmp', 'dev/shm'].map((folder) => `/proc/${pid}/root/${folder}`);
    const written = join(root, '../upper');
    const search = spawn('grep', ['-rlF', '--devices=skip', '-f', '-', written, ...memory], { stdio: ['pipe', 'pipe', 'ignore'] });
    search.stdin.end(secret);
    const [found] = await Promise.all([text(search.stdout), once(search, 'close')]);
    const { stdout: journal } = await exec(here.host, 'journalctl --no-pager --output=export --all');
    expect(journal).toContain('foobar-provision');
    return [
      ...found
        .split('\n')
        .filter(Boolean)
        .map((path) => path.replace(`${written}/`, '')),
      ...(journal.includes(secret) ? ['the journal'] : []),
    ].sort();
  }
});
