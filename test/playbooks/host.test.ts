import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import firewall from '../../playbooks/host/firewall.ts';
import integrity from '../../playbooks/host/integrity.ts';
import passwords from '../../playbooks/host/passwords.ts';
import ssh from '../../playbooks/host/ssh.ts';
import sshKeys from '../../playbooks/host/ssh-keys.ts';
import limits from '../../playbooks/host/system.ts';
import upgrades from '../../playbooks/host/upgrades.ts';
import { php } from '../../playbooks/runtimes/php/php.ts';
import { remarksOf } from '../../src/engine/playbook.ts';
import type { Facts, Playbook } from '../../src/index.ts';
import { config } from './configs.ts';
import { bookworm, sid, trixie, ubuntu } from './hosts.ts';
import { contentOf, list } from './list.ts';
import { scopeOf, viewOf } from './view.ts';

const changed = (facts: Facts, given: Partial<Facts['ssh']>): Facts => ({ ...facts, ssh: { ...facts.ssh, ...given } });
const openssh = (facts: Facts, installed: string): Facts => ({
  ...facts,
  packages: { ...facts.packages, 'openssh-server': { installed } },
});
const nothing = { firewall: false, ssh: false, upgrades: false, limits: false, passwords: false, integrity: false, hardening: false };
const none = { ...config(), host: nothing };

describe('firewall', () => {
  const wants = [
    'package:nftables',
    'directory:/etc/nftables.d 0755',
    'file:/etc/nftables.conf 0755',
    'nftables:foobar_provision',
    'service:nftables.service running enabled',
  ];
  test.each<[string, Facts, readonly string[], readonly RegExp[]]>([
    ['trixie', trixie, wants, []],
    ['Ubuntu', ubuntu, wants, []],
    ['a host with ufw', { ...trixie, firewall: 'ufw' }, [], [/already has a firewall \(ufw\), which is left as it is/]],
    ['a host whose SSH port is unknown', changed(trixie, { ports: [] }), [], [/port of this host.s SSH server is not known/]],
  ])('%s', (_, facts, expected, remarks) => {
    expect(list(firewall, config(), facts)).toEqual(expected);
    const told = firewall.remarks?.(scopeOf(config()), facts) ?? [];
    expect(told).toEqual(remarks.map((pattern) => expect.stringMatching(pattern)));
  });

  test.each([
    ['22', trixie],
    ['2222-and-22', changed(trixie, { ports: [22, 2222] })],
  ])('its rules, with SSH on %s', async (name, facts) => {
    const text = contentOf(firewall, config(), facts, '/etc/nftables.conf');
    await expect(text).toMatchFileSnapshot(`expected/nftables-${name}.conf`);
  });

  test.each([
    ['web', true],
    ['balancer', true],
    ['database', false],
    ['cache', false],
  ] as const)('a server with the role %s alone accepts HTTP and HTTPS: %s', (role, accepts) => {
    const host = { name: 'host.test', roles: [role] };
    const text = contentOf(firewall, config(), trixie, '/etc/nftables.conf', host);
    expect([/^\t\ttcp dport \{ 80, 443 \} accept$/m, /^\t\tudp dport 443 accept$/m].map((line) => line.test(text))).toEqual([
      accepts,
      accepts,
    ]);
    expect(text).toMatch(/^\t\ttcp dport \{ 22 \} accept$/m);
    const [remark] = firewall.remarks?.({ ...scopeOf(config()), host }, { ...trixie, firewall: 'ufw' }) ?? [];
    expect(remark).toMatch(accepts ? /allow SSH, 80 and 443 there/ : /allow SSH there/);
  });

  test.skipIf(spawnSync('nft', ['--version']).error !== undefined || process.getuid?.() !== 0)('nft accepts its rules', () => {
    for (const role of ['web', 'database'] as const) {
      const input = contentOf(firewall, config(), trixie, '/etc/nftables.conf', { name: 'host.test', roles: [role] });
      expect(spawnSync('unshare', ['-n', 'nft', '-c', '-f', '-'], { input, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    }
  });
});

describe('ssh', () => {
  const path = '/etc/ssh/sshd_config.d/10-foobar-provision.conf';
  const host = openssh(trixie, '1:10.0p1-7+deb13u4');
  const wants = [`file:${path} 0644 => reload:ssh.service`];

  test.each<[string, Facts, readonly string[]]>([
    ['trixie', host, wants],
    ['a host with another SSH server', trixie, []],
  ])('%s', (_, facts, expected) => {
    expect(list(ssh, config(), facts)).toEqual(expected);
  });

  test.each<[string, Facts]>([
    ['trixie', host],
    ['bookworm', openssh(bookworm, '1:9.2p1-2+deb12u7')],
    ['ubuntu-22.04', openssh(trixie, '1:8.9p1-3ubuntu0.13')],
    ['password', changed(host, { login: { user: 'root', by: 'password', hostKey: 'ssh-ed25519' } })],
    [
      'known-by-ecdsa',
      changed(host, {
        hostKeys: { 'ssh-ed25519': 256, 'ssh-rsa': 2048, 'ecdsa-sha2-nistp256': 256 },
        login: { user: 'root', by: 'key', hostKey: 'ecdsa-sha2-nistp256' },
      }),
    ],
  ])('its host keys for %s', async (name, facts) => {
    await expect(contentOf(ssh, config(), facts, path)).toMatchFileSnapshot(`expected/sshd-${name}.conf`);
  });
});

describe('ssh keys', () => {
  const host = openssh(trixie, '1:10.0p1-7+deb13u4');
  const key = { type: 'ssh-ed25519', base64: 'AAAA', comment: 'anna@laptop' };
  const wanted = { ...config(), people: [{ name: 'anna', keys: [key] }] };
  const settings = '/etc/ssh/sshd_config.d/00-foobar-provision-keys.conf';
  const remarks = (facts: Facts, user = wanted) => remarksOf([sshKeys], viewOf(user, facts)).join();

  test('are in a file of root for the user of the login', () => {
    const facts = changed(host, { login: { user: 'deploy', by: 'key', hostKey: 'ssh-ed25519' } });
    expect(list(sshKeys, wanted, facts)).toEqual([
      'directory:/etc/ssh/authorized_keys.d 0755',
      'file:/etc/ssh/authorized_keys.d/foobar-provision.deploy 0644',
      `file:${settings} 0644 => reload:ssh.service`,
    ]);
    const text = contentOf(sshKeys, wanted, facts, '/etc/ssh/authorized_keys.d/foobar-provision.deploy');
    expect(text).toMatch(/^# anna\nssh-ed25519 AAAA anna@laptop\n$/m);
  });

  test.each([
    ['sshd’s default', {}, '.ssh/authorized_keys .ssh/authorized_keys2 '],
    ['the host’s own', { keyFiles: '/srv/keys/%u' }, '/srv/keys/%u '],
    ['none', { keyFiles: 'none' }, ''],
  ])('come beside the keys that count already: %s', (_, ssh, before) => {
    expect(contentOf(sshKeys, wanted, changed(host, ssh), settings)).toMatch(
      `\nAuthorizedKeysFile ${before}/etc/ssh/authorized_keys.d/foobar-provision.%u\n`,
    );
  });

  test('leave the host as it is without people, and where another configuration or another SSH server decides', () => {
    const other = { name: 'shop', decides: true, demand: { queues: 0 }, shared: { queues: 0 }, domains: [], names: [], secure: [] };
    const shared = { ...host, others: [other] };
    expect([list(sshKeys, config(), host), list(sshKeys, wanted, trixie), list(sshKeys, wanted, shared)]).toEqual([[], [], []]);
    expect(remarks(host)).toBe('');
    expect(remarks(trixie)).toMatch(/not OpenSSH/);
    expect(remarks(shared)).toMatch(/the configuration shop was on this host first/);
  });
});

describe('upgrades', () => {
  test.each<[string, Facts, string]>([
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: unattended-upgrades fills these in.
    ['trixie', trixie, 'origin=Debian,codename=${distro_codename}-security,label=Debian-Security'],
    ['sid', sid, 'origin=Debian,codename=sid'],
    ['Ubuntu', ubuntu, 'origin=Ubuntu,archive=${distro_codename}-security'],
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: unattended-upgrades fills these in.
  ])('%s gets security updates only from its own archive', (_, facts, origin) => {
    expect(list(upgrades, config(), facts)).toEqual([
      'package:unattended-upgrades',
      'package:needrestart',
      'file:/etc/apt/apt.conf.d/90-foobar-provision 0644',
      'file:/etc/needrestart/conf.d/90-foobar-provision.conf 0644',
      'service:unattended-upgrades.service running enabled',
    ]);
    const text = contentOf(upgrades, config(), facts, '/etc/apt/apt.conf.d/90-foobar-provision');
    expect([...text.matchAll(/"(origin=.*)"/g)].map(([, found]) => found)).toEqual([origin]);
  });
});

describe('the clients that SSH no longer accepts', () => {
  const openssh = { ...trixie, packages: { ...trixie.packages, 'openssh-server': { installed: '1:10.0p1-7' } } };
  const by = (login: 'key' | 'password', more: object = {}): Facts => ({
    ...openssh,
    ssh: { ...openssh.ssh, login: { user: 'root', by: login, hostKey: '' }, ...more },
  });
  const told = (facts: Facts, wanted = config()) => remarksOf([ssh], viewOf(wanted, facts)).join();

  test('are named once, with the setting that leaves sshd as it is', () => {
    expect(told(by('key'))).toMatch(/OpenSSH 6\.5 or later, and nobody with a password.*host: \{ ssh: false \}/);
    expect(told(by('password'))).not.toContain('nobody with a password');
    expect(told(by('key', { restricted: true }))).toBe('');
    expect(told(by('key'), { ...config(), host: { ...config().host, ssh: false } })).toBe('');
  });
});

describe('limits', () => {
  const sysctl = '/etc/sysctl.d/90-foobar-provision.conf';
  const clock = ['package:systemd-timesyncd', 'service:systemd-timesyncd.service running enabled'];

  test('packets of tunnels and of a second uplink are accepted, and Azure can mount its provisioning disc', () => {
    const modprobe = '/etc/modprobe.d/90-foobar-provision.conf';
    expect(contentOf(limits, config(), trixie, sysctl)).toContain('net.ipv4.conf.all.rp_filter = 1\n');
    expect(contentOf(limits, config(), { ...trixie, policyRouting: true }, sysctl)).toContain(
      'net.ipv4.conf.all.rp_filter = 2\nnet.ipv4.conf.default.rp_filter = 2\n',
    );
    expect(contentOf(limits, config(), trixie, modprobe)).toContain('install udf /bin/false\n');
    expect(contentOf(limits, config(), { ...trixie, azure: true }, modprobe)).not.toContain('udf');
  });

  test.each<[string, Facts, readonly string[]]>([
    ['a machine', trixie, clock],
    ['a container, which uses its host’s clock', { ...trixie, container: true }, []],
    ['a machine with chrony', { ...trixie, packages: { chrony: { installed: '4.6' } } }, []],
  ])('%s', (_, facts, expected) => {
    expect(list(limits, config(), facts).filter((line) => line.includes('timesyncd'))).toEqual(expected);
  });

  test.each<[string, Facts]>([
    ['machine', trixie],
    ['container-without-ipv6', { ...trixie, container: true, ipv6: false }],
  ])('the kernel of a %s', async (name, facts) => {
    await expect(contentOf(limits, config(), facts, sysctl)).toMatchFileSnapshot(`expected/sysctl-${name}.conf`);
  });

  test('each site’s logs are rotated', () => {
    const two = config({}, { domain: 'two.test' });
    expect(contentOf(php.playbook, two, trixie, '/etc/logrotate.d/two.test-php')).toContain('/var/log/php/two.test/*.log');
    expect(list(php.playbook, two, trixie)).toContain('file:/etc/logrotate.d/foobar.com-php 0644');
  });
});

describe('integrity', () => {
  test("AIDE is left to its owner if Debian's own timer for it is installed", () => {
    expect(list(integrity, config(), trixie)).toContain('service:foobar-provision-integrity.timer running enabled');
    expect(list(integrity, config(), { ...trixie, packages: { 'aide-common': { installed: '0.19.1-2' } } })).toEqual([]);
  });
});

test.each<readonly [string, Playbook]>(
  [firewall, ssh, upgrades, limits, passwords, integrity].map((playbook) => [playbook.name, playbook]),
)('%s is left out on request', (_, playbook) => {
  expect(list(playbook, none, openssh(trixie, '1:10.0p1-7'))).toEqual([]);
  expect(playbook.remarks?.(scopeOf(none), { ...trixie, firewall: 'ufw' }) ?? []).toEqual([]);
});
