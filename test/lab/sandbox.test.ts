import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { boot, down, list, type Sandbox, suites, unsupported, up } from '../../src/sandbox/index.ts';
import { exec, lab, readHostFile } from './host.ts';

describe.each(suites)('a bare %s', (suite) => {
  const here = lab(suite);

  test('runs systemd as process 1, and no unit failed', async () => {
    const { stdout } = await exec(
      here.host,
      'cat /proc/1/comm; systemctl is-system-running --wait; systemctl --failed --no-legend; hostname',
    );
    expect(stdout).toBe(`systemd\nrunning\n${here.host.name}\n`);
  });

  test('has no program and no package list that a rented server may lack', async () => {
    const { stdout } = await exec(
      here.host,
      'for name in python3 curl wget sudo; do command -v $name; done; find /var/lib/apt/lists -type f',
    );
    expect(stdout).toBe('');
  });

  test('reaches its package mirror', async () => {
    const { code, stderr } = await exec(here.host, 'apt-get update -qq && apt-get install -qq --download-only nginx');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('may change its own network settings', async () => {
    const { stdout } = await exec(
      here.host,
      'echo 2222 >/proc/sys/net/core/somaxconn; cat /proc/sys/net/core/somaxconn; ls /sys/class/net | xargs',
    );
    expect(stdout).toBe('2222\neth0 lo\n');
  });

  test('keeps its files through a power cut, and boots from them again', async () => {
    const { pid } = here.host;
    await exec(here.host, 'echo kept >/root/file; echo gone >/run/file');
    await here.reboot();
    const { stdout } = await exec(here.host, 'cat /root/file; test -e /run/file || echo none; systemctl is-system-running --wait');
    expect(stdout).toBe('kept\nnone\nrunning\n');
    expect(here.host.pid).not.toBe(pid);
    expect(await readHostFile(here.host, '/root/file')).toBe('kept\n');
  });
});

test.skipIf(unsupported() !== undefined)('a host that reboots itself comes back', async () => {
  const host = await up();
  try {
    const bootId = async () => (await exec(host, 'cat /proc/sys/kernel/random/boot_id')).stdout;
    const before = await bootId();
    await exec(host, 'systemctl reboot');
    await expect.poll(async () => ['', before].includes(await bootId()), { timeout: 30_000, interval: 300 }).toBe(false);
    expect((await exec(host, 'systemctl is-system-running --wait')).stdout).toBe('running\n');
  } finally {
    await down(host.name);
  }
});

describe('a host with options', () => {
  const require = createRequire(import.meta.url);
  const jiti = join(dirname(require.resolve('jiti/package.json')), 'lib/jiti-cli.mjs');
  const publish = { domain: 'foobar.com', spawnSelf: [jiti, join(import.meta.dirname, '../../src/sandbox/publish.ts'), 'sandbox-publish'] };
  const here = lab('trixie', { memory: 512, include: ['sudo', 'nginx-light', 'perl'], publish });

  test('has the packages that were asked for', async () => {
    expect((await exec(here.host, 'command -v sudo; command -v nginx')).stdout).toBe('/usr/bin/sudo\n/usr/sbin/nginx\n');
  });

  test('sees its memory limit, and gets no more', async () => {
    expect((await exec(here.host, 'grep MemTotal /proc/meminfo')).stdout).toMatch(/MemTotal: +524288 kB/);
    if (!existsSync('/sys/fs/cgroup/memory')) return;
    const { code } = await exec(here.host, `perl -e 'my $x = "x" x (700 * 2 ** 20)'`);
    expect(code).toBe(137);
  });

  test('publishes its site on loopback, despite the redirect to its other name', async () => {
    await exec(
      here.host,
      `cat >/etc/nginx/sites-enabled/default <<'END'
server { listen 80; server_name foobar.com; return 301 http://www.foobar.com$request_uri; }
server { listen 80; server_name www.foobar.com; location / { return 200 "$host$request_uri"; } }
END
systemctl restart nginx`,
    );
    const response = await fetch(`${here.host.url}page?q=1`);
    expect(await response.text()).toBe('www.foobar.com/page?q=1');
    expect(response.url).toBe(`${here.host.url}page?q=1`);
  });
});

test.skipIf(unsupported() !== undefined)('hosts that are created at the same time share nothing, and leave nothing behind', async () => {
  const hosts = await Promise.all([up(), up({ suite: 'bookworm' }), up({ suite: 'sid' })]);
  expect(new Set(hosts.flatMap(({ name, address, pid }) => [name, address, pid])).size).toBe(9);
  const [first] = hosts;
  expect(await boot(first.name)).toEqual(first);
  expect((await list()).filter(({ name }) => name === first.name)).toMatchObject([
    { pid: first.pid, owner: Number(process.env.FOOBAR_SANDBOX_OWNER) },
  ]);
  await expect(up({ name: first.name })).rejects.toThrow(`A sandbox called ${first.name} already exists`);
  expect(hosts.every((host) => traces(host).length > 4)).toBe(true);
  await Promise.all(hosts.map(({ name }) => down(name)));
  expect(hosts.flatMap(traces)).toEqual([]);
  await expect(down(first.name)).rejects.toThrow('There is no sandbox called');
});

/** Returns each line about a host in the lists of this machine's mounts, links, namespaces, firewall rules, cgroups, processes and files. */
function traces({ name, address, gateway }: Sandbox): readonly string[] {
  const script = `cat /proc/mounts; ip -oneline address; ip -oneline link; ip netns; iptables-save; ps -eo args
    find /sys/fs/cgroup -name "*$1*" -type d; ls -R /run/systemd/nspawn /run/netns; find /var/lib/foobar-provision-sandbox -maxdepth 2 -printf '%p %l\\n'`;
  const { stdout } = spawnSync('sh', ['-c', script, 'traces', name], { encoding: 'utf8' });
  const ours = new RegExp(`\\b(${[name, address, gateway].map((part) => part.replaceAll('.', '\\.')).join('|')})\\b`);
  return stdout.split('\n').filter((line) => ours.test(line) && !line.startsWith('sh -c'));
}
