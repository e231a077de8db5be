import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { stateFolder } from '../../src/host-paths.ts';
import { type Sandbox, sshArguments, unsupported } from '../../src/sandbox/index.ts';
import { cli, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { dropping, withOwn } from './own-way.ts';
import { php } from './packages.ts';

describe.skipIf(unsupported() !== undefined)('a host on the internet', () => {
  const here = lab('trixie', { include: [...php, 'nftables'] });

  test('accepts only connections to what it serves, on any port from outside', { timeout: 120_000 }, async () => {
    const run = await cli(here.host, 'apply', ['--yes'], withOwn(''));
    expect(run.code, run.stderr).toBe(0);
    // Older clients are named before they are locked out, and are locked out.
    expect(named(run, 'note').map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^From this run on, SSH accepts only clients that know current algorithms, .*host: \{ ssh: false \}/),
    );
    expect(await asOlderClient(here.host)).toMatch(/no matching key exchange method/);
    // SSH and firewall settings that changed were proven by a new connection.
    expect(named(run, 'stage').map(({ text }) => text)).toContain('testing a new SSH login');
    await exec(
      here.host,
      "systemd-run --quiet --unit=stray perl -MIO::Socket::INET -e 'push @all, IO::Socket::INET->new(LocalPort => 8080, Listen => 1, ReuseAddr => 1) or die; sleep 300'; sleep 0.3",
    );
    expect(await open(here.host.address, [22, 80, 443, 3306, 8080])).toEqual([22, 80]);
    await exec(here.host, 'echo "tcp dport 8080 accept" >/etc/nftables.d/own.nft; systemctl reload nftables');
    expect(await open(here.host.address, [8080])).toEqual([8080]);
    const { stdout } = await exec(
      here.host,
      'sshd -T | grep -E "^(passwordauthentication|permitrootlogin|maxauthtries) "; ss -Hltn "sport = :22" | wc -l',
    );
    expect(stdout.trim().split('\n').sort()).toEqual([
      '2',
      'maxauthtries 5',
      'passwordauthentication no',
      'permitrootlogin without-password',
    ]);
  });

  test('gets its rules back if somebody removed them, and keeps its owner’s', { timeout: 120_000 }, async () => {
    expect((await cli(here.host, 'plan', [], withOwn(''))).code).toBe(0);
    await exec(here.host, 'nft flush chain inet foobar_provision input; nft add rule inet foobar_provision input accept');
    const plan = await cli(here.host, 'plan', [], withOwn(''));
    expect(named(plan, 'change').map(({ resource, reason }) => [resource, reason])).toEqual([['nftables:foobar_provision', 'drift']]);
    expect((await cli(here.host, 'apply', ['--yes'], withOwn(''))).code).toBe(0);
    expect(await open(here.host.address, [22, 80, 3306, 8080])).toEqual([22, 80, 8080]);
  });

  test('an AllowUsers without our user: a new login fails, and the old setting is restored', {
    timeout: 120_000,
  }, async () => {
    const locked = withOwn(`file('/etc/ssh/sshd_config.d/05-own.conf', { content: 'AllowUsers nobody-else', notify: reload('ssh') })`);
    const run = await cli(here.host, 'apply', ['--yes'], locked);
    // All else was made, so it is not a run that was rolled back.
    expect([run.code, run.stderr]).toEqual([
      1,
      expect.stringMatching(/A new SSH login failed[\s\S]*file:\/etc\/ssh\/sshd_config\.d\/05-own\.conf/),
    ]);
    expect(
      (
        await exec(
          here.host,
          'ls /etc/ssh/sshd_config.d; ls /etc/systemd/system | grep revert; systemctl list-timers --no-legend "foobar*"',
        )
      ).stdout,
    ).toBe('10-foobar-provision.conf\n');
    expect((await cli(here.host, 'plan', [], withOwn(''))).code).toBe(0);
  });

  test('the run is killed right after a rule that drops SSH: the host reverts it by itself', { timeout: 180_000 }, async () => {
    const script = `pid=$(systemctl show --property=MainPID --value 'foobar-provision-run-*'); kill -9 $pid`;
    const locked = withOwn(
      `command('drops', { run: sh\`printf '%s' \${${JSON.stringify(dropping)}} | nft -f -; \${{ kind: 'command', text: ${JSON.stringify(script)} }}\`, unless: sh\`nft list table inet drops\`, undo: sh\`nft delete table inet drops\`, access: true })`,
    );
    const began = Date.now();
    const run = await cli(here.host, 'apply', ['--yes'], locked);
    expect([run.code, run.stderr]).toEqual([5, expect.stringContaining('SSH and firewall settings, so these were reverted')]);
    expect(Date.now() - began).toBeLessThan(90_000);
    expect((await exec(here.host, `nft list tables; ls ${stateFolder}/runs/*/armed`)).stdout).toBe('table inet foobar_provision\n');
    await sleep(100);
    expect((await cli(here.host, 'apply', ['--yes'], withOwn(''))).code).toBe(0);
  });
});

/** What a client says that knows no newer key exchange than that of older versions of JSch, in build servers and editors. */
async function asOlderClient(host: Sandbox): Promise<string> {
  const words = [
    '-o',
    'LogLevel=INFO',
    '-o',
    'KexAlgorithms=ecdh-sha2-nistp256,diffie-hellman-group14-sha256',
    ...sshArguments(host),
    'true',
  ];
  return new Promise((resolve) => execFile('ssh', words, (_, __, stderr) => resolve(stderr)));
}

/** Which of these ports answer from here. */
async function open(address: string, ports: readonly number[]): Promise<readonly number[]> {
  const { connect } = await import('node:net');
  const answers = await Promise.all(
    ports.map(
      (port) =>
        new Promise<boolean>((resolve) => {
          const socket = connect({ host: address, port, timeout: 2000 });
          socket.once('connect', () => resolve(socket.destroy() !== undefined));
          socket.once('timeout', () => resolve(socket.destroy() === undefined));
          socket.once('error', () => resolve(false));
        }),
    ),
  );
  return ports.filter((_, index) => answers[index]);
}
