import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { cli, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { php } from './packages.ts';

/** A program that answers every request with its name, on the port that it is told. */
const program = (name: string) => `#!/usr/bin/perl
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ENV{PORT}, Listen => 50, ReuseAddr => 1) or die $!;
while (my $client = $server->accept) {
    while (<$client>) { last if /^\\r?$/ }
    print $client "HTTP/1.0 200 OK\\r\\nContent-Type: text/plain\\r\\nContent-Length: ${name.length}\\r\\n\\r\\n${name}";
    close $client;
}
`;
const workerPort = 9310;

describe("ports of sites' programs", () => {
  const here = lab('trixie', { include: [...php, 'nftables'] });
  const home = folder();
  const write = (path: string, content: string, mode = 0o644) => {
    mkdirSync(join(home, path, '..'), { recursive: true });
    writeFileSync(join(home, path), content, { mode });
  };
  const config = (more: object = {}) =>
    write(
      'foobar.config.json',
      JSON.stringify({
        name: 'ports',
        host: { ssh: false, upgrades: false, limits: false, passwords: false, integrity: false },
        sites: [
          { domain: 'a.test', command: { run: './server' } },
          {
            domain: 'b.test',
            workers: { chat: { command: './server', port: workerPort, count: 1 } },
            web: { proxy: { '/chat': 'worker:chat' } },
          },
          { domain: 'c.test', ...more },
        ].map((site) => ({ www: false, https: false, database: { engine: 'none' }, app: { source: site.domain }, ...site })),
      }),
    );
  const apply = () => cli(here.host, 'apply', ['--yes'], { cwd: home });
  /** The users who can connect to a port of this host's: everybody but those whom the firewall refuses. */
  const whoReaches = async (port: number, address = '127.0.0.1') => {
    const { stdout } = await exec(
      here.host,
      `for user in root www-data a_test b_test c_test nobody; do
         setpriv --reuid $user --clear-groups perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(PeerAddr => "${address}:${port}", Timeout => 3)' && echo $user
       done`,
    );
    return stdout.trim().split('\n');
  };
  const portOfCommand = async () => {
    const { stdout } = await exec(here.host, 'cat /run/foobar-provision-ports/command-a.test-*.env');
    return Number(/^CLAIMED_PORT=(\d+)$/m.exec(stdout)?.[1]);
  };
  const ports = async () => [await portOfCommand(), workerPort] as const;
  const closed = [
    ['root', 'www-data', 'a_test'],
    ['root', 'www-data', 'b_test'],
  ];
  const reached = async () => {
    const [command, worker] = await ports();
    return [await whoReaches(command), await whoReaches(worker)];
  };

  test('are closed for programs of other sites, and open for Nginx and their own', async () => {
    write('a.test/server', program('program of a'), 0o755);
    write('b.test/server', program('worker of b'), 0o755);
    write('b.test/index.html', 'b');
    write('c.test/index.html', 'c');
    config();
    const ended = await apply();
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    expect(
      named(ended, 'note')
        .map(({ text }) => String(text))
        .join(),
    ).not.toContain('can be reached by programs of the other sites');
    expect((await ask(here.host.address, 'a.test'))?.body).toBe('program of a');
    expect((await ask(here.host.address, 'b.test', '/chat'))?.body).toBe('worker of b');
    expect(await reached()).toEqual(closed);
    const plan = await cli(here.host, 'plan', [], { cwd: home });
    expect([plan.code, named(plan, 'change')]).toEqual([0, []]);
  });

  test.each([
    ['the firewall is loaded again', 'systemctl restart nftables'],
    ['their programs have crashed', `systemctl kill -s KILL 'command-a.test-*.service' b.test-chat@1.service; sleep 4`],
  ])('stay closed after %s', async (_, what) => {
    await exec(here.host, what);
    expect(await reached()).toEqual(closed);
  });

  test('stay closed after a restart of the host, and a fixed one while its program is down', async () => {
    await here.reboot();
    for (let left = 50; left > 0 && (await ask(here.host.address, 'a.test'))?.status !== 200; left -= 1)
      await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await reached()).toEqual(closed);
    await exec(
      here.host,
      `systemctl stop b.test-chat@1.service
       printf '%s' '${Buffer.from(program('program of c')).toString('base64')}' | base64 -d >/tmp/c; chmod 755 /tmp/c
       systemd-run --quiet --unit=c --uid=c_test --setenv=PORT=${workerPort} perl /tmp/c
       until ss -Hltn | grep -q :${workerPort}; do sleep 0.1; done`,
    );
    // Nginx still passes requests there.
    expect((await ask(here.host.address, 'b.test', '/chat'))?.body ?? '').not.toContain('program of c');
    await exec(here.host, 'systemctl stop c; systemctl start b.test-chat@1.service; sleep 1');
    expect((await ask(here.host.address, 'b.test', '/chat'))?.body).toBe('worker of b');
  });
});
