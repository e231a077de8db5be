import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { Problem } from '../../src/error.ts';
import { versionOf } from '../../src/facts/facts.ts';
import { parseFacts, sectionsOf } from '../../src/facts/parse.ts';
import { factsScript } from '../../src/facts/script.ts';

// These tests start processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const recorded = (name: string) => readFileSync(new URL(`recorded/${name}.txt`, import.meta.url), 'utf8');
const nowhere = '/var/tmp/foobar-provision-lists.AbCdEf';
const ssh = { ports: [], hostKeys: {}, login: { user: 'root', by: 'nothing', hostKey: '' } };
const container = { ssh, architecture: 'x86_64', processors: 2, memory: 24105, addresses: ['198.18.0.2'], ipv6: true, container: true };

describe('what real hosts answered', () => {
  test.each([
    ['trixie-bare', '13', { 'mariadb-server': { candidate: '1:11.8.6-0+deb13u1' }, 'php-fpm': { candidate: '2:8.4+96' } }, nowhere],
    ['bookworm-bare', '12', { 'mariadb-server': { candidate: '1:10.11.19-0+deb12u1' }, 'php-fpm': { candidate: '2:8.2+93' } }, nowhere],
    [
      'sid-bare',
      'sid',
      { 'mysql-server': { candidate: '9.7.4-2' }, 'mariadb-server': { candidate: '1:11.8.9+ds-4' }, 'php-fpm': { candidate: '2:8.4+101' } },
      nowhere,
    ],
    [
      'trixie-provisioned',
      '13',
      { 'mariadb-server': { installed: '1:11.8.6-0+deb13u1' }, 'php-fpm': { candidate: '2:8.4+96' } },
      undefined,
    ],
    [
      'bookworm-provisioned',
      '12',
      { 'mariadb-server': { installed: '1:10.11.19-0+deb12u1' }, 'php-fpm': { candidate: '2:8.2+93' } },
      undefined,
    ],
    ['sid-provisioned', 'sid', { 'mysql-server': { installed: '9.7.4-2' }, 'php-fpm': { candidate: '2:8.4+101' } }, undefined],
  ] as const)('%s', (name, version, packages, lists) => {
    const reading = parseFacts(recorded(name));
    expect(reading.facts).toEqual({
      ...container,
      distribution: 'debian',
      version,
      title: expect.stringMatching(/^Debian GNU\/Linux /),
      hostname: name.split('-')[0],
      packages,
    });
    expect(reading.lists).toBe(lists);
    expect(reading.listsTrouble).toBeUndefined();
    expect([...reading.space.keys()]).toEqual(expect.arrayContaining(['/', '/tmp']));
  });

  test('Ubuntu 24.04, by its os-release', () => {
    const release = `PRETTY_NAME="Ubuntu 24.04.3 LTS"
NAME="Ubuntu"
VERSION_ID="24.04"
VERSION="24.04.3 LTS (Noble Numbat)"
VERSION_CODENAME=noble
ID=ubuntu
ID_LIKE=debian
UBUNTU_CODENAME=noble`;
    const memory = 'MemTotal:        4012344 kB\n2147483648';
    expect(parseFacts(host({ release, memory, traits: 'systemd' })).facts).toMatchObject({
      distribution: 'ubuntu',
      version: '24.04',
      title: 'Ubuntu 24.04.3 LTS',
      memory: 2048,
      ipv6: false,
      container: false,
    });
  });
});

/** The answer of a healthy host, with these sections replaced. */
function host(given: Readonly<Record<string, string>>): string {
  const sections = {
    release: 'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"',
    host: 'aarch64\n4\nweb',
    memory: 'MemTotal:       1048576 kB',
    traits: 'ipv6\nsystemd',
    addresses: '',
    installed: '',
    ...given,
  };
  return Object.entries(sections)
    .map(([name, text]) => `\n#facts ${name}\n${text}\n`)
    .join('');
}

describe('hosts that cannot be provisioned', () => {
  test.each([
    ['ID=fedora\nVERSION_ID=43\nPRETTY_NAME="Fedora Linux 43"', 'Fedora Linux 43 is neither Debian nor Ubuntu.'],
    ['ID="rocky"\nVERSION_ID="9.6"\nPRETTY_NAME="Rocky Linux 9.6"', 'Rocky Linux 9.6 is neither Debian nor Ubuntu.'],
    ['ID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME="Alpine Linux v3.22"', 'Alpine Linux v3.22 is neither Debian nor Ubuntu.'],
    ['ID=arch\nPRETTY_NAME="Arch Linux"', 'Arch Linux is neither Debian nor Ubuntu.'],
    ['ID=debian\nVERSION_ID="11"\nPRETTY_NAME="Debian GNU/Linux 11 (bullseye)"', 'Debian GNU/Linux 11 (bullseye) is older than Debian 12.'],
    ['ID=ubuntu\nVERSION_ID="20.04"\nPRETTY_NAME="Ubuntu 20.04.6 LTS"', 'Ubuntu 20.04.6 LTS is older than Ubuntu 22.04.'],
    ['', 'This system is neither Debian nor Ubuntu.'],
  ])('%j', (release, message) => {
    expect(() => parseFacts(host({ release }))).toThrow(Problem);
    expect(() => parseFacts(host({ release }))).toThrow(message);
  });

  test('a host without systemd', () => {
    expect(() => parseFacts(host({ traits: 'ipv6' }))).toThrow(/does not run systemd/);
  });
});

describe('the parts', () => {
  test.each([
    ['no limit', 'MemTotal: 2097152 kB\nmax', 2048],
    ['no limit, of cgroup v1', 'MemTotal: 2097152 kB\n9223372036854771712', 2048],
    ['a limit', 'MemTotal: 2097152 kB\n536870912', 512],
    ['a limit above the total', 'MemTotal: 524288 kB\n4294967296', 512],
  ])('memory: %s', (_, memory, expected) => {
    expect(parseFacts(host({ memory })).facts.memory).toBe(expected);
  });

  test.each([
    ['ip', '2: eth0    inet 192.0.2.7/24 scope global eth0\n2: eth0    inet6 2001:db8::7/64 scope global', ['192.0.2.7', '2001:db8::7']],
    ['hostname -I', '192.0.2.7 2001:db8::7 ', ['192.0.2.7', '2001:db8::7']],
    ['neither', '', []],
  ])('addresses, by %s', (_, addresses, expected) => {
    expect(parseFacts(host({ addresses })).facts.addresses).toEqual(expected);
  });

  test('where the database server keeps its files, and whether root may log in', () => {
    expect(parseFacts(host({ database: '' })).facts.database).toEqual({ paths: [] });
    const database = ['socket\t/run/mariadbd/mysqld.sock', 'path\t/data', 'path\t/data', 'refused\tERROR 1698 (28000): Access denied'];
    expect(parseFacts(host({ database: database.join('\n') })).facts.database).toEqual({
      socket: '/run/mariadbd/mysqld.sock',
      paths: ['/data'],
      refused: 'ERROR 1698 (28000): Access denied',
    });
    expect(parseFacts(host({})).facts.database).toBeUndefined();
  });

  test.each([
    ['nothing', [], undefined],
    ['all addresses', ['0.0.0.0:80', '[::]:80'], undefined],
    ['single addresses', ['192.0.2.7:80', '[2001:db8::7]:80', '192.0.2.7:443'], ['192.0.2.7:80', '[2001:db8::7]:80', '192.0.2.7:443']],
    ['single addresses of one family', ['192.0.2.7:80', '[::]:80'], ['192.0.2.7:80']],
    ['all of one port', ['192.0.2.7:80', '0.0.0.0:443', '192.0.2.7:443'], ['192.0.2.7:80']],
    ['all of both families in one socket', ['*:80', '192.0.2.7:80'], undefined],
  ])('where nginx listens: %s', (_, sockets, expected) => {
    const listeners = sockets.map((socket) => `LISTEN 0 511 ${socket} 0.0.0.0:* users:(("nginx",pid=12,fd=4))`);
    expect(
      parseFacts(host({ listeners: [...listeners, 'LISTEN 0 9 10.0.0.1:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))'].join('\n') })).facts
        .nginxOnlyAt,
    ).toEqual(expected);
  });

  test('the listening programs and their ports', () => {
    const listeners = [
      'LISTEN 0 511 *:80 *:* users:(("apache2",pid=12,fd=4),("apache2",pid=13,fd=4))',
      'LISTEN 0 511 [::]:443 [::]:*',
      'LISTEN 0 128 172.17.0.1:3306 0.0.0.0:* users:(("docker-proxy",pid=14,fd=4))',
      'LISTEN 0 128 127.0.0.1:3306 0.0.0.0:* users:(("mysqld",pid=15,fd=4))',
    ].join('\n');
    expect(parseFacts(host({ listeners })).listeners).toEqual([
      { port: 80, reachesLoopback: true, program: 'apache2 (pid 12)' },
      { port: 443, reachesLoopback: true, program: 'another program' },
      { port: 3306, reachesLoopback: false, program: 'docker-proxy (pid 14)' },
      { port: 3306, reachesLoopback: true, program: 'mysqld (pid 15)' },
    ]);
  });

  test('pre-existing nginx directives', () => {
    const nginx = [
      '/etc/nginx/nginx.conf:user www-data;',
      '/etc/nginx/nginx.conf:include /etc/nginx/mime.types;',
      '/etc/nginx/nginx.conf:server_names_hash_bucket_size 64;',
      '/etc/nginx/sites-enabled/own:listen 80 default_server;',
      '/etc/nginx/sites-enabled/own:listen [::]:80 default;',
      '/etc/nginx/sites-enabled/own:server_name a;',
      '/etc/nginx/sites-enabled/own:listen 192.0.2.7;',
      '/etc/nginx/sites-enabled/own:listen [2001:db8::7]:80;',
    ].join('\n');
    expect(parseFacts(host({ nginx })).facts.nginx).toEqual([
      { file: '/etc/nginx/nginx.conf', words: ['server_names_hash_bucket_size', '64'] },
      { file: '/etc/nginx/sites-enabled/own', words: ['listen', '80', 'default_server'] },
      { file: '/etc/nginx/sites-enabled/own', words: ['listen', '[::]:80', 'default'] },
      { file: '/etc/nginx/sites-enabled/own', words: ['server_name', 'a'] },
      { file: '/etc/nginx/sites-enabled/own', words: ['listen', '192.0.2.7'] },
      { file: '/etc/nginx/sites-enabled/own', words: ['listen', '[2001:db8::7]:80'] },
    ]);
  });

  test("the reason why the host's nginx rejects its configuration", () => {
    const refusal = 'unknown directive "nonsense" in /etc/nginx/sites-enabled/own.conf:3';
    expect(parseFacts(host({ refusal: `${refusal}\n` })).refusal).toBe(refusal);
    expect('refusal' in parseFacts(host({ refusal: '' }))).toBe(false);
  });

  test('free inodes, if there is a limit', () => {
    const inodes = 'Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/vda1 1000 10 990 1% /\n/dev/vdb1 0 0 0 - /srv';
    expect([...parseFacts(host({ inodes })).inodes]).toEqual([['/', 990]]);
  });

  test('space, by mount, whatever the path is called', () => {
    const space =
      'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1  10 2 7654321  27% /\ntmpfs 10 2 0 100% /srv/my data';
    expect([...parseFacts(host({ space })).space]).toEqual([
      ['/', 7654321],
      ['/srv/my data', 0],
    ]);
  });

  test('the messages of apt while it fetches the lists', () => {
    expect(parseFacts(host({ update: 'E: Failed to fetch http://deb.debian.org/', lists: nowhere })).listsTrouble).toMatch(
      /Failed to fetch/,
    );
  });

  test('a version is the installed one before the offered one', () => {
    const { facts } = parseFacts(recorded('sid-provisioned'));
    expect(['mysql-server', 'php-fpm', 'mariadb-server'].map((name) => versionOf(facts, name))).toEqual([
      '9.7.4-2',
      '2:8.4+101',
      undefined,
    ]);
  });

  test('unreadable processors or memory are a problem, because every size follows from them', () => {
    for (const damaged of [{ host: '' }, { host: 'x86_64\nnproc: not found\nweb' }, { memory: '' }])
      expect(() => parseFacts(host(damaged))).toThrow(Problem);
  });

  test('sections end where the next begins', () => {
    expect([...sectionsOf('noise\n#facts a\n1\n2\n\n#facts b\n#facts c\n\n3\n', '#facts')]).toEqual([
      ['a', '1\n2'],
      ['b', ''],
      ['c', '\n3'],
    ]);
  });

  test('any output results in facts or a problem', () => {
    const text = recorded('sid-bare');
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(400), fc.string({ unit: 'binary', maxLength: 20 }), (at, length, other) => {
        try {
          const { facts } = parseFacts(text.slice(0, at) + other + text.slice(at + length));
          expect(facts.processors).toBeGreaterThan(0);
          expect(facts.memory).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the script', () => {
  const script = factsScript({ packages: [['mysql-server', 'mariadb-server'], 'php-fpm'], presence: ['chrony'] }).text;

  test('is POSIX shell', () => {
    expect(String(spawnSync('dash', ['-n'], { input: script }).stderr)).toBe('');
  });

  /** Runs the script with fake tools, and returns what it prints. */
  function ran(tools: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(tmpdir(), 'facts-'));
    try {
      for (const [name, text] of Object.entries(tools)) writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      return String(spawnSync('dash', ['-s'], { input: script, env: { PATH: `${folder}:/usr/bin:/bin` }, cwd: '/' }).stdout);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** Returns the query to apt if these packages are installed. */
  function asked(installed: readonly string[]): string {
    const stdout = ran({
      'dpkg-query': installed.map((name) => `echo '${name} installed 1.0'`).join('\n') || ':',
      'apt-cache': 'echo "asked: $*"',
      'apt-get': ':',
      find: 'echo fresh',
    });
    return /^asked: policy (?:-o \S+ ?)*(.*)$/m.exec(stdout)?.[1] ?? 'nothing';
  }

  test.each([
    [[], 'mysql-server mariadb-server php-fpm'],
    [['php-fpm'], 'mysql-server mariadb-server'],
    [['mariadb-server'], 'php-fpm'],
    [['mysql-server', 'php-fpm'], 'nothing'],
    [['mysql-server-core'], 'mysql-server mariadb-server php-fpm'],
  ])('if %j is installed, apt is asked about %s', (installed, expected) => {
    expect(asked(installed).replaceAll(/-o \S+ ?/g, '')).toBe(expected);
  });

  /** A line of `ss -Hltnpe`: its processes by their names, and a user where that is not root. */
  const socket = (port: number, names: readonly string[], user = '') =>
    `LISTEN 0 128 0.0.0.0:${port} 0.0.0.0:* users:(${names.map((name, at) => `("${name}",pid=${at + 1},fd=3)`).join(',')})${user} ino:9${port} sk:1 cgroup:/x <->`;

  test.each([
    ['root’s sshd', socket(22, ['sshd']), [22]],
    ['dropbear', socket(22, ['dropbear']), [22]],
    ['sshd beside systemd', socket(22, ['systemd', 'sshd']), [22]],
    ['another program of root’s', socket(25, ['master']), []],
    ['a user’s process of that name', socket(4444, ['sshd'], ' uid:1000'), []],
    ['beside one with a name of two lines', socket(4444, ['sshd', '\n'], ' uid:1000'), []],
    ['beside one that ends the list', socket(4444, ['sshd', '",pid=1,fd=1)\n', ' ino:1 sk:\n'], ' uid:1000'), []],
    ['beside one that begins another line', socket(4444, ['x', '"sshd",pid=1\n', '\nLISTEN 0 1 '], ' uid:1000'), []],
  ])('SSH listens on the ports of %s', (_, lines, ports) => {
    const text = /#facts ssh\n(.*)#facts keys/s.exec(ran({ ss: `cat <<'END'\n${lines}\nEND` }))?.[1] ?? '';
    const found = [...text.matchAll(/^LISTEN \d+ \d+ \S+:(\d+)/gm)].map(([, port]) => Number(port));
    expect(found).toEqual(ports);
  });
});
