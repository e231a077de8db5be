import { describe, expect, test } from 'vitest';
import { hierarchiesIn } from '../../src/sandbox/cgroup.ts';
import { requireName } from '../../src/sandbox/claim.ts';
import { namespaceIds } from '../../src/sandbox/machine.ts';
import { meminfoOf } from '../../src/sandbox/meminfo.ts';
import { parseMounts } from '../../src/sandbox/mounts.ts';
import { isListening } from '../../src/sandbox/ready.ts';
import { nameserversIn } from '../../src/sandbox/resolver.ts';
import { missingCapabilities } from '../../src/sandbox/support.ts';

test.each([
  [
    'both versions',
    'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\ncgroup /c/systemd cgroup rw,name=systemd 0 0\ncgroup /c/mem cgroup rw,memory 0 0\n',
    { unified: '/sys/fs/cgroup/unified', systemd: '/c/systemd', memory: '/c/mem' },
  ],
  ['version 2 alone', 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n', { unified: '/sys/fs/cgroup' }],
  ['version 1 alone', 'cgroup /c/mem cgroup rw,memory 0 0\n', undefined],
])('cgroups of %s', (_, text, hierarchies) => {
  expect(hierarchiesIn(parseMounts(text))).toEqual(hierarchies);
});

test('a mount whose path has spaces', () => {
  expect(parseMounts('x /a\\040b ext4 rw,relatime 0 0\n')).toEqual([{ target: '/a b', type: 'ext4', options: ['rw', 'relatime'] }]);
});

test.each([
  ['Name:\tsystemd\nNSpid:\t512\t1\n', [512, 1]],
  ['NSpid:\t7\n', [7]],
  ['', []],
])('process ids of %j', (status, ids) => {
  expect(namespaceIds(status)).toEqual(ids);
});

describe('a listener in /proc/net/tcp', () => {
  const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
  test.each([
    [
      'listening on all addresses',
      '   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n',
      true,
    ],
    ['listening on IPv6', '   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000\n', true],
    ['a connection to the port', '   1: 020012C6:0016 010012C6:8CB2 01 00000000:00000000 00:00000000\n', false],
    ['another port', '   0: 00000000:0050 00000000:0000 0A 00000000:00000000\n', false],
    ['nothing', '', false],
  ])('%s', (_, line, listening) => {
    expect(isListening(header + line, 22)).toBe(listening);
  });
});

test.each([
  ['nameserver 10.0.0.53\nnameserver 10.0.0.54\n', ['10.0.0.53', '10.0.0.54']],
  ['# by hand\nnameserver 127.0.0.53\noptions edns0\nsearch example.org\n', []],
  ['nameserver fd00::1\nnameserver 192.0.2.1', ['192.0.2.1']],
])('name servers of %j', (text, servers) => {
  expect(nameserversIn(text)).toEqual(servers);
});

test.each([
  ['all', 'CapEff:\t000001ffffffffff\n', []],
  ['those of a plain container', 'CapEff:\t00000000a80425fb\n', ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN']],
  ['none told', '', ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN']],
])('capabilities missing from %s', (_, status, missing) => {
  expect(missingCapabilities(status)).toEqual(missing);
});

test('memory as a server of that size shows it', () => {
  const machine = 'MemTotal:       24684084 kB\nMemFree:        22990692 kB\nSwapTotal:       1048576 kB\nHugePages_Total:       0\n';
  expect(meminfoOf(machine, 512)).toBe(
    'MemTotal:         524288 kB\nMemFree:          419430 kB\nSwapTotal:             0 kB\nHugePages_Total:       0\n',
  );
});

test.each(['a', 'box-1f', 'x'.repeat(32)])('%s can be a name', (name) => {
  expect(() => requireName(name)).not.toThrow();
});

test.each(['', '-a', 'a-', '1a', 'A', 'a.b', '../a', 'a b', 'x'.repeat(33)])('%j cannot be a name', (name) => {
  expect(() => requireName(name)).toThrow('cannot be the name of a sandbox');
});
