import { beforeAll, describe, expect, test } from 'vitest';
import { unsupported } from '../../src/sandbox/index.ts';
import { cli } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';
import { withOwn } from '../lab/own-way.ts';

describe.skipIf(unsupported() !== undefined)('SSH and firewall settings that fail', () => {
  const here = lab('trixie', { include: ['nginx', 'php8.4-fpm', 'nftables'] });

  beforeAll(async () => {
    const run = await cli(here.host, 'apply', ['--yes'], withOwn(''));
    expect(run.code, run.stderr).toBe(0);
  });

  test('a failed setting is reverted with the other access settings while sshd is down, and everything else is live', {
    timeout: 120_000,
  }, async () => {
    const broken = withOwn(
      `file('/etc/ssh/sshd_config.d/05-own.conf', { content: 'LoginGraceTime 33\\n', notify: reload('ssh') }), file('/root/other', { content: 'live' }), command('down', { run: sh\`systemctl stop ssh.socket ssh.service\`, unless: sh\`false\` }), command('fails', { run: sh\`nft -f /dev/null/x; systemctl start ssh\`, unless: sh\`false\`, undo: sh\`systemctl start ssh\`, access: true })`,
    );
    const run = await cli(here.host, 'apply', ['--yes'], broken);
    expect([run.code, run.stderr]).toEqual([
      1,
      expect.stringMatching(/command:fails failed, so the new SSH[\s\S]*Everything else is live[\s\S]*05-own/),
    ]);
    expect((await exec(here.host, 'ls /etc/ssh/sshd_config.d; cat /root/other; ls /etc/systemd/system | grep revert')).stdout).toBe(
      '10-foobar-provision.conf\nlive\n',
    );
    expect((await cli(here.host, 'apply', ['--yes'], withOwn(''))).code).toBe(0);
  });

  test('a host that cannot start the guard keeps its access settings, and gets everything else', { timeout: 120_000 }, async () => {
    const deaf = '/usr/local/sbin/systemd-run';
    await exec(
      here.host,
      `printf '%s\n' '#!/bin/sh' 'case $* in *--on-active*) echo "Failed to start transient timer unit: no" >&2; exit 1 ;; esac' 'exec /usr/bin/systemd-run "$@"' >${deaf}; chmod +x ${deaf}`,
    );
    const own = withOwn(
      `file('/etc/ssh/sshd_config.d/05-own.conf', { content: 'LoginGraceTime 34\\n', notify: reload('ssh') }), file('/root/third', { content: 'live' })`,
    );
    const run = await cli(here.host, 'apply', ['--yes'], own);
    expect([run.code, run.events.at(-1)]).toMatchObject([
      1,
      {
        error: {
          message: expect.stringMatching(/could not be told to revert.*new ones were not applied\. Everything else is live/),
          stderr: 'Failed to start transient timer unit: no',
          hint: expect.stringMatching(/pending.*05-own\.conf.*systemd-run/),
        },
      },
    ]);
    const left = 'ls /etc/ssh/sshd_config.d; cat /root/third; ls /etc/systemd/system | grep revert';
    expect((await exec(here.host, `rm ${deaf}; ${left}`)).stdout).toBe('10-foobar-provision.conf\nlive\n');
    expect((await cli(here.host, 'apply', ['--yes'], withOwn(''))).code).toBe(0);
  });
});
