import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stateFolder } from '../../src/host-paths.ts';
import { type Suite, unsupported } from '../../src/sandbox/index.ts';
import { cli, named, type Started, start } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';
import { dropping, withOwn } from '../lab/own-way.ts';

const dropIn = '/etc/ssh/sshd_config.d/05-own.conf';
const sshd = (content: string) => withOwn(`file('${dropIn}', { content: ${JSON.stringify(content)}, notify: reload('ssh') })`);

/** How long the host waits for a new login, and reverts the change if there is none. */
const revertTimeoutMs = 40_000;

describe.skipIf(unsupported() !== undefined).each<Suite>(['trixie', 'bookworm', 'sid'])('SSH access to %s', (suite) => {
  const here = lab(suite);

  test('works before, and still works after a correct run', async () => {
    const run = await cli(here.host, 'apply', ['--yes'], withOwn(''));
    expect(run.code, run.stderr).toBe(0);
  });

  test.each([
    [
      'by the checker that the playbook names, before the file is in place',
      ", { name: 'sshd -t', roots: ['/etc/ssh'], command: sh`sshd -t` }",
      5,
      /NoSuchOption/,
    ],
    // The reload is the same handler as that of this program's own settings, so their checker counts for both.
    ['by the checker of this program, if the playbook names none', '', 5, /NoSuchOption/],
    // Everything else is live by then.
    ['when it is told to read it', ", { name: 'true', roots: ['/etc/ssh'], command: sh`true` }", 1, /NoSuchOption/],
  ])('is kept with an sshd_config that sshd refuses: %s', async (_, checker, code, said) => {
    const bad = withOwn(`file('${dropIn}', { content: 'NoSuchOption yes', notify: reload('ssh'${checker}) })`);
    const run = await cli(here.host, 'apply', ['--yes'], bad);
    expect([run.code, run.stdout]).toEqual([code, expect.stringMatching(said)]);
    await asBefore();
  });

  test('is kept with an sshd_config that sshd accepts and that excludes us', { timeout: 120_000 }, async () => {
    const run = await cli(here.host, 'apply', ['--yes'], sshd('AllowUsers nobody-else'));
    expect([run.code, run.stderr]).toEqual([1, expect.stringContaining('A new SSH login failed')]);
    await asBefore();
  });

  test('is kept with a rule that drops SSH, including the connection of the run', { timeout: 120_000 }, async () => {
    const began = Date.now();
    const run = await cli(here.host, 'apply', ['--yes'], drops());
    expect([run.code, run.stderr]).toEqual([1, expect.stringContaining('these settings were reverted')]);
    expect(Date.now() - began).toBeLessThan(90_000);
    await asBefore();
  });

  test('is kept if the client is killed right after the change', { timeout: 120_000 }, async () => {
    const started = start(here.host, 'apply', ['--yes'], sshd('AllowUsers nobody-else'));
    await placed(started);
    started.child.kill('SIGKILL');
    expect((await started.ended).code).toBeNull();
    await expect.poll(armed, { timeout: revertTimeoutMs, interval: 200 }).toBe(false);
    await asBefore();
  });

  test('is kept if the client is killed right after a rule that drops SSH', { timeout: 120_000 }, async () => {
    const started = start(here.host, 'apply', ['--yes'], drops());
    await expect.poll(armed, { timeout: 60_000, interval: 50 }).toBe(true);
    started.child.kill('SIGKILL');
    await started.ended;
    await expect.poll(armed, { timeout: revertTimeoutMs, interval: 200 }).toBe(false);
    await asBefore();
  });

  test.each([
    ['an sshd_config that locks us out', () => sshd('AllowUsers nobody-else'), dropIn],
    [
      'firewall rules that drop SSH, and are loaded at each boot',
      () =>
        withOwn(
          `file('/etc/nftables.d/05-own.nft', { content: 'tcp dport 22 drop', notify: { id: 'reload:nftables.service', summary: 'reload nftables', unit: 'nftables.service', command: sh\`systemctl reload nftables\` } })`,
        ),
      '/etc/nftables.d/05-own.nft',
    ],
  ])('is kept if the power is cut before a new login has succeeded: %s', { timeout: 180_000 }, async (_, options, path) => {
    const started = start(here.host, 'apply', ['--yes'], options());
    await placed(started, path);
    const rebooted = here.reboot();
    await started.ended;
    const host = await rebooted;
    expect(existsSync(join(host.root, path))).toBe(false);
    await expect.poll(async () => (await exec(host, 'true')).code, { timeout: revertTimeoutMs, interval: 1000 }).toBe(0);
    await asBefore();
  });

  const drops = () =>
    withOwn(
      `command('drops', { run: sh\`printf '%s' \${${JSON.stringify(dropping)}} | nft -f -\`, unless: sh\`nft list table inet drops\`, undo: sh\`nft delete table inet drops\`, access: true })`,
    );

  /** Returns whether a revert is armed, according to the host's disk, because SSH may be closed. */
  const armed = () => {
    const runs = join(here.host.root, stateFolder, 'runs');
    return readdirSync(runs).some((id) => existsSync(join(runs, id, 'armed')));
  };

  /** Waits until the change is live and its revert is armed. */
  async function placed(started: Started, path = dropIn): Promise<void> {
    await expect.poll(() => existsSync(join(here.host.root, path)) && armed(), { timeout: 60_000, interval: 20 }).toBe(true);
    // The run is still waiting for the new login.
    expect(started.child.exitCode).toBeNull();
  }

  /** Expects that nothing is left of the change, and that the next run succeeds. */
  async function asBefore(): Promise<void> {
    // The guard is disarmed just before sshd is reloaded.
    await expect.poll(async () => (await exec(here.host, 'true')).code, { timeout: revertTimeoutMs, interval: 1000 }).toBe(0);
    const { stdout } = await exec(
      here.host,
      `ls /etc/ssh/sshd_config.d /etc/nftables.d; ls ${stateFolder}/runs/*/armed 2>/dev/null; ls /etc/systemd/system | grep revert; systemctl list-timers --no-legend "foobar-provision-revert*"; nft list tables; sshd -T | grep -i allowusers`,
    );
    expect(stdout).toBe('/etc/nftables.d:\n\n/etc/ssh/sshd_config.d:\n10-foobar-provision.conf\ntable inet foobar_provision\n');
    const run = await cli(here.host, 'apply', ['--yes'], withOwn(''));
    expect(run.code, run.stderr).toBe(0);
    expect(named(run, 'health').filter(({ ok }) => ok !== true)).toEqual([]);
  }
});
